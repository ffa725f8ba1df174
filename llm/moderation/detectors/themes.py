"""Words by theme, whose counts the scorer weighs; by themselves they prove nothing. English, then German.

The words of the worst sentences are among them, because a filter must know them.
"""

from collections.abc import Mapping, Sequence

# Patterns over folded text, so without capitals, umlauts and accents. Each matches whole words, `_` stands for a blank.
_THEMES = {
    "sex": (
        r"sex sexy sexual\w* fuck\w* cock cocks dick penis pussy vagina clit\w* tits boobs? breasts? nipples? "
        r"naked nude\w* cum cumming orgasm\w* moan\w* horny lust\w* erotic\w* porn\w* blowjob masturbat\w* anal "
        r"thrust\w* panties bra underwear lingerie strip\w* aroused arousal erect\w* seduc\w* kinky fetish\w* bdsm "
        r"slut\w* whore\w* hooker crotch thighs? ass butt buttocks wet lick\w* suck\w* kiss\w* undress\w* "
        r"genital\w* semen virgin\w* threesome incest\w* rape\w* molest\w* nackt\w* nackte\w* geil\w* ficken "
        r"fick\w* schwanz titten bruste? busen muschi stohn\w* orgasmus erregt\w* lustern\w* porno\w* unterwasche "
        r"vergewaltig\w* missbrauch\w* inzest\w* nutte\w* hure\w* sexuell\w*"
    ),
    "minors": (
        r"child\w* kid kids minor minors underage schoolgirls? schoolboys? teen\w* little_girl\w* little_boy\w* "
        r"\d\d?_years?_old daughter son niece nephew toddler infant preteen loli\w* shota\w* student pupil "
        r"young(?:er)? kinder\w* kindes madchen jungen? minderjahrig\w* schulerin\w* schuler tochter sohn nichte "
        r"neffe \d\d?_jahre_alt \d{1,2}jahrige\w* jugendliche\w* baby\w* babies"
    ),
    "kin": (
        r"brother sister step\w* father mother dad daddy mom mommy uncle aunt cousin teacher bruder schwester "
        r"stief\w* vater mutter papa mama onkel tante lehrer\w*"
    ),
    "groups": (
        r"muslims? islam\w* jews? jewish christians? blacks? whites? asians? mexicans? immigrants? migrants? "
        r"refugees? gays? lesbians? trans transgender\w* transsexual\w* homosexual\w* lgbt\w* women "
        r"men females? arabs? indians? chinese africans? gyps(?:y|"
        r"ies) roma hindus? catholics? disabled foreigners? feminists? race races racial "
        r"latinos? hispanics? palestinians? israelis? zionis\w* minorit\w* asylum moslems? muslime\w* juden? "
        r"judisch\w* christen schwarzen? auslander\w* migranten fluchtlinge\w* schwulen? lesben frauen turken "
        r"araber zigeuner behinderte\w* asylanten homosexuelle\w* polen russen"
    ),
    "slurs": (
        r"nigg\w* fag\w* kikes? spics? chinks? tranny trannies dykes? retards? retarded gooks? wetbacks? towelheads? "
        r"ragheads? paki coons? cunts? bitch\w* subhuman\w* untermensch\w* scum kanake\w* neger\w* schwuchtel\w* "
        r"abschaum untermenschen missgeburt\w* schlampe\w* fotze\w* spast\w* dreckspack gesindel drecksau\w*"
    ),
    "hate": (
        r"hate\w* hatred despise exterminat\w* genocid\w* ethnic\w* nazi\w* hitler holocaust supremac\w* deport\w* "
        r"send_them_back should_be should_die don'?t_belong_here ruin(?:ed|ing)? racis\w* sexis\w* lynch\w* "
        r"invad\w* replac\w* ban(?:ned)? hasse hass hasst verachte\w* vergasen vernichten ausrotten abschieben "
        r"raus_hier sollten_alle minderwertig\w* rassist\w* lynchen"
    ),
    "violence": (
        r"kill\w* murder\w* shoot\w* shot stab\w* slaughter\w* behead\w* decapitat\w* execut\w* tortur\w* "
        r"massacre\w* bomb\w* explo\w* attack\w* beat\w* punch\w* strangl\w* chok\w* slit burn\w* dismember\w* "
        r"dies died dead death deaths hanged destroy\w* violen\w* terroris\w* jihad\w* isis gun guns knife "
        r"weapons? assassinat\w* hurt\w* to_die must_die will_die you_die toten totet tote totung umbringen "
        r"umbringe bringe_dich_um ermord\w* mord morder\w* erschiess\w* erstech\w* erstach abstechen abschlachten "
        r"enthaupt\w* hinricht\w* folter\w* massaker bombe\w* anschlag\w* sprengstoff\w* verprugel\w* schlage_dich "
        r"erwurg\w* waffe\w* messer pistole gewehr sterben stirb stirbt attentat\w*"
    ),
    "gore": (
        r"blood\w* gore gory guts intestines? entrails severed mutilat\w* flesh corpses? skull brains? gut(?:ted)? "
        r"disembowel\w* bones? limbs? wounds? scream\w* agony gush\w* spurt\w* organs? eyeballs? carve\w* rotting "
        r"blut\w* eingeweide leiche\w* gedarme verstummel\w* schadel knochen fleisch"
    ),
    "self_harm": (
        r"suicid\w* kill_(?:myself|yourself) end_(?:my|your)_life selfharm\w* self_harm\w* cutting "
        r"cut_(?:my|your)\w* hurt(?:ing)?_myself anorexi\w* bulimi\w* purg\w* starv\w* overdos\w* "
        r"want(?:ed)?_to_die noose thinspo\w* calories binge\w* eating_disorder wrists? razor blade depress\w* "
        r"hang_myself jump(?:ing)?_off worthless hopeless kms slic\w* scars? therap\w* proana pro_ana "
        r"selbstmord\w* suizid\w* umbringen_will mich_umzubringen mir_das_leben nicht_mehr_leben ritze ritzen "
        r"geritzt magersucht\w* lebensmude mich_verletze\w* mich_toten sterben_will will_sterben uberdosis "
        r"abschiedsbrief"
    ),
    "threats": (
        r"i_will i_am_going_to i'm_going_to i'm_gonna you_will gonna deserve\w* shut_up stupid idiots? moron\w* "
        r"loser pathetic ugly fat dumb trash garbage disgrace kys go_die liar coward freak creep damn shit\w* "
        r"idiot\w* dumm\w* hasslich\w* versager arschloch\w* wichser halt_die_fresse verrecke\w* scheiss\w* "
        r"ich_werde du_wirst"
    ),
    "business": (
        r"please thanks? company product business movie recipe review summary article write essay code python "
        r"email customer data market service travel restaurant music game history science bitte firma "
        r"unternehmen\w* produkt\w* vertrag\w* kosten kunden\w* daten bericht\w* rechnung\w* mitarbeiter\w*"
    ),
    "self": (r"i me my myself ich mich mir mein\w*"),
    "you": (r"you your yourself du dich dir dein\w*"),
    "they": (r"they them their those these_people sie diese_leute die_alle"),
}
THEMES: Mapping[str, Sequence[str]] = {
    name: [word.replace("_", " ") for word in words.split()] for name, words in _THEMES.items()
}
# Words for animals and dirt are ordinary by themselves, and slurs where a word of these themes is close by.
COMPARISONS = (
    r"vermin|degenerate\w*|savages?|inferior|parasites?|animals?|apes?|monkeys?|filthy|disgusting|"
    r"ungeziefer|parasiten|pack"
)
AIMED = ("groups", "they")
