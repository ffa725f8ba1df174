"""Rules that are nearly always right: wordings that leave little doubt, in English and German.

They read folded text, so without capitals, umlauts, look-alikes or invisible characters. A rule does not count where
words close by show that the text is about preventing, reporting, or a game. What no rule names, the scorer weighs.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from llm.moderation.detectors.folding import Folded, skeleton

# How far around a match the words may stand that speak against it.
_AROUND = 80
# A text with more matches of a rule than these is marked as well by these.
_MOST = 20
# Wordings are shorter than this; in texts up to the other length there is nothing to gain.
_REACH = 200
_SHORT = 1000

_HOW = (
    r"(?:\bhow (?:do|can|could|would|should|might|to)\b(?: (?:i|we|you|one|someone|people|best))*|\bways? to\b|"
    r"\bways? of\b|\bsteps? (?:to|for)\b|"
    r"\bhelp me(?: to)?\b|\bteach me(?: how)? to\b|\btell me how to\b|\bshow me how to\b|\binstructions? (?:for|to|"
    r"on)\b|\bguide (?:to|for)\b|"
    r"\brecipe for\b|\bplan to\b|\bwant to\b)"
)
_WIE = (
    r"(?:\bwie (?:kann|konnte|muss|soll) (?:ich|man)\b|\banleitung (?:zum|zur|fur|um)\b|\bzeig mir,? wie\b|\bhilf "
    r"mir\b|\bich (?:will|mochte)\b)"
)
_PERSON = (
    r"(?:(?:some|another|a|an|my|the|our|his|her|your|this|that|innocent|young|old|other|many|every|real|lots of) "
    r"){0,2}"
    r"(?:persons?|humans?|people|someone|somebody|everyone|wi(?:fe|ves)|husband|boss|neighbou?rs?|president|"
    r"politicians?|child|children|kids?|"
    r"(?:girl|boy)?friends?|girls?|boys?|guys?|co-?workers?|colleagues?|teachers?|students?|classmates?|mother|"
    r"father|parents?|sister|"
    r"brother|women|woman|men|man|cops?|police ?(?:officers?|men)?|strangers?|ex|celebrity|family|roommate|baby|"
    r"babies|him|her)\b"
)
_JEMAND = (
    r"(?:(?:einen?|meine[nr]?|den|die|das|unsere[nr]?|ein|mein|alle) ){0,2}"
    r"(?:frau|mann|chefin|chef|nachbarn?|nachbarin|menschen|mensch|jemanden|person|freundin|freund|kollegen?|"
    r"kollegin|lehrer(?:in)?|mutter|"
    r"vater|kind|kinder|schwester|bruder|polizisten|politiker|ex-?frau|ex|mitschuler|leute)\b"
)
_GROUP = (
    r"(?:jews?|muslims?|christians?|blacks?|black people|whites?|white people|asians?|mexicans?|immigrants?|"
    r"migrants?|refugees?|gays?|gay people|"
    r"lesbians?|homosexuals?|trans(?:gender)?(?: people)?|women|arabs?|indians|chinese|africans?|gypsies|roma|"
    r"hindus?|catholics?|"
    r"disabled(?: people)?|foreigners|latinos?|hispanics?|palestinians?|israelis?)"
)
_GRUPPE = (
    r"(?:juden|auslander|moslems?|muslime|muslimen|fluchtlinge|migranten|schwulen?|lesben|zigeuner|turken|araber|"
    r"schwarzen?|frauen|"
    r"behinderten?|asylanten|polen|russen|homosexuellen?)"
)
_MASS_WEAPON = (
    r"(?:nerve (?:agents?|gas)|sarin|vx(?: gas| nerve)|mustard gas|novichok|tabun|soman|ricin|anthrax|botulinum|"
    r"smallpox|dirty bombs?|"
    r"(?:nuclear|atomic|atom|hydrogen|radiological) (?:bombs?|weapons?|warheads?|devices?)|(?:pipe|nail|car|"
    r"suitcase|fertilizer|pressure cooker|letter|petrol) ?bombs?|"
    r"bombs?|bio ?weapons?|(?:biological|chemical) weapons?|tatp|acetone peroxide|molotov(?: cocktails?)?|napalm|"
    r"explosive (?:vests?|belts?|device)|ied|ieds|"
    r"suicide vests?|poison gas|phosgene|cyanide gas|chlorine bombs?)\b"
)
_MASSENWAFFE = (
    r"(?:nervengift|nervengas|sarin|senfgas|nowitschok|rizin|ricin|milzbrand\w*|schmutzige bombe|atombombe|"
    r"rohrbombe|nagelbombe|autobombe|briefbombe|"
    r"bombe|sprengsatz|sprengstoffgurtel|sprengstoffweste|biowaffe\w*|chemiewaffe\w*|giftgas|molotow\w*|napalm|"
    r"brandsatz)\b"
)
_AGE = r"\b(?:[3-9]|1[0-7])[ -]?(?:(?:years?|yrs?)[ -]olds?|yo|y/o|jahre alt\w*|jahrige\w*)\b"
_CHILD = (
    r"(?:child(?:ren)?|kids?|minors?|under-?age\w*|pre-?teens?|toddlers?|infants?|loli\w*|shota\w*|little "
    r"(?:girls?|boys?)|kind(?:ern?)?|minderjahrige\w*|kleinkind\w*)"
)
_EXPLICIT = (
    r"(?:fuck\w*|cock|pussy|naked|nudes?|orgasm\w*|moan\w*|cum(?:ming)?|penis|vagina|blow ?job|sucks? (?:his|my|"
    r"it)|masturbat\w*|nackt\w*|"
    r"ficken|fickt|schwanz|muschi|stohn\w*|eroti(?:c|k|sch)\w*|aroused|had sex|have sex|having sex|sex with|"
    r"sex(?:ual)? (?:stor(?:y|ies)|scenes?|tales?|fantas\w+|role ?plays?)|smut\w*|sex ?(?:geschicht|szene)\w*)"
)
_PREVENTS = (
    r"\b(?:prevent\w*|protect\w*|against|combat\w*|report(?:ed|ing)?|illegal|law|laws|convict\w*|arrest\w*|"
    r"penalt\w*|detect\w*|police report|"
    r"charges|charged|victims?|survivors?|abuse|counsel\w*|safeguard\w*|polic(?:y|ies)|dispos\w*|disarm\w*|"
    r"defus\w*|antidote|symptoms?|treaty|"
    r"convention|history|historical|museum|inspect\w*|exposure|verhinder\w*|schutz\w*|gegen|melde\w*|strafbar\w*|"
    r"verbot\w*|verurteil\w*|"
    r"vorbeug\w*|bekampf\w*|gesetz\w*|entscharf\w*|entsorg\w*|gegenmittel|"
    r"(?<!erotische )(?<!erotischen )geschicht\w*|opfer\w*|not)\b"
)
_PLAYS = (
    r"\b(?:games?|gaming|minecraft|fortnite|gta|call of duty|counter-?strike|sims|skyrim|pokemon|npc|boss fight|"
    r"player|level|novel|movie|film|"
    r"book|story|character|scene|actor|actress|chess|spiel\w*|roman|film\w*|figur|theater|photo\w*|video|server|"
    r"process\w*|prozess\w*|linux|"
    r"python|program|dream|joke|laugh\w*|cartoon|theatre|kindness|lyrics|song|at (?:tennis|golf|poker)|bath bombs?|"
    r"glitter bombs?|calorie bombs?|"
    r"photo ?bombs?|f-bombs?|seed bombs?|cherry bombs?|bombs? calorimeter|time bombs?|logic bombs?|zip bombs?|fork "
    r"bombs?|samenbombe\w*)\b"
)
_GAMES = r"\b(?:games?|gaming|minecraft|fortnite|gta|call of duty|sims|skyrim|pokemon|boss fight|respawn\w*|spiel\w*)\b"
_MOCKS = (
    r"\b(?:why|said|says|claim\w*|believ\w*|propaganda|wrong|racis\w*|never|quot\w*|condemn\w*|warum|behaupt\w*|"
    r"falsch|hetze)\b"
)


@dataclass(frozen=True)
class Rule:
    """A wording that belongs to a category, unless certain words stand around it; one of its anchors is in it."""

    name: str
    category: str
    anchors: Sequence[str]
    pattern: str
    exceptions: str

    @cached_property
    def wording(self) -> re.Pattern[str]:
        """Compiled when first looked for, so that no process has to wait for all of them as it starts."""
        return re.compile(self.pattern)

    @cached_property
    def unless(self) -> re.Pattern[str] | None:
        """What stands around where it does not count; None where it always does."""
        return re.compile(self.exceptions) if self.exceptions else None

    def prepare(self) -> None:
        """Compile now, in a process that stays."""
        _ = self.wording, self.unless


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that fits: the characters `start:end` of the original text are what it is about."""

    rule: str
    category: str
    start: int
    end: int


def _rule(name: str, category: str, anchors: str, wording: str, unless: str = "") -> Rule:
    return Rule(name, category, anchors.split(";"), wording, unless)


_KILL = (
    r"(?:kill|murder|poison|strangle|suffocate|assassinate|stab|shoot|behead|torture|kidnap|dismember|beat up|bludgeon)"
)
_TOTEN = r"(?:toten|umbringen|ermorden|vergiften|erschiessen|erstechen|abstechen|erwurgen|entfuhren|foltern)"
_DIE = (
    r"(?:die\b(?! (?:of|from|laughing))|kill(?:ing)? myself|end(?:ing)? (?:it all|my (?:own )?life)|"
    r"commit(?:ting)? suicide|hurt(?:ing)? myself|"
    r"harm(?:ing)? myself|cut(?:ting)? myself|hang(?:ing)? myself|tak(?:e|ing) my (?:own )?life|overdos(?:e|ing)|"
    r"suicide|self[- ]harm(?:ing)?|"
    r"not be alive|never wake up|starv(?:e|ing) myself)"
)
RULES: Sequence[Rule] = (
    _rule(
        "self-harm-wish", "S11",
        "myself;my life;my own life;suicide;self harm;self-harm;it all;die;alive;wake up;overdos",
        r"\bi(?:'m| am|'ve| have|'d| would)? (?:(?:really|just|still|often|sometimes|always|constantly|seriously|"
        r"so badly|also) )*"
        r"(?:want|wanna|wanted|going|gonna|plan|planning|planned|intend|decided|like|think|thinking|thought|tried|"
        r"trying|attempted|need|keep)"
        rf"(?: (?:thinking|to|of|about|on|just|badly))* {_DIE}", _GAMES,
    ),
    _rule(
        "self-harm-act", "S11",
        "myself;slic;harm;suicid;cutting",
        r"\bi(?:'m| am|'ve| have|'ve been| have been)? (?:(?:been|just|started|keep|back to|again|still|used to) )*"
        r"(?:cut(?:ting)? myself|slic(?:e|ed|ing) (?:myself|my (?:wrists?|arms?|thighs?))|self[- ]?harm(?:ing|ed)?|"
        r"burn(?:ed|ing|t)? myself on purpose|"
        r"starv(?:e|ed|ing) myself|suicidal|feel(?:ing)? suicidal|cutting again)\b|\bback to self[- ]harming|\bmy "
        r"suicide (?:note|attempt|plan)",
    ),
    _rule(
        "self-harm-way", "S11",
        "myself;life;suicide;overdose;harm;cut",
        r"\b(?:how|ways?|method|painless\w*|easiest|quickest|fastest|pills?|dose|tablets|instructions)\b.{0,40}"
        r"\b(?:kill(?:ing)? myself|end my (?:own )?life|commit(?:ting)? suicide|hang myself|take my own life|"
        r"overdose on|cut myself without|"
        r"hide (?:my )?(?:self[- ]harm|cuts|cutting))",
        rf"{_GAMES}|\b(?:prevent\w*|help|statistic\w*|rates?|stop|people who|someone who)\b",
    ),
    _rule(
        "self-harm-urging", "S11",
        "yourself;urself;kys;dich",
        r"\b(?:go|just|please|should|better|must|you) (?:(?:all|just|go|and) ){0,2}(?:kill|hang|drown|shoot) "
        r"(?:yourself|urself|yourselves)\b|"
        r"\bkys\b|(?:^|[,.!;:] ?)(?:and )?(?:kill|hang) yourself\b|\bhope you kill yourself\b|"
        r"\bbring dich (?:doch )?um\b|\bhang dich (?:doch )?auf\b|\bdu solltest dich umbringen\b",
    ),
    _rule(
        "self-harm-german", "S11",
        "mich;leben;sterben;tot sein;suizid;lebensmude",
        r"\b(?:ich|mochte|will|wollte|werde)\b.{0,25}\b(?:mich (?:selbst )?(?:umbringen|toten|umzubringen|erhangen|"
        r"ritzen|verletzen)|"
        r"mir das leben (?:zu )?nehmen|nicht mehr leben|sterben mochte|sterben will|nur noch sterben)\b|"
        r"\bich (?:will|mochte) (?:einfach |nur |nur noch |endlich |nicht mehr )*(?:sterben|tot sein|weiterleben)\b|"
        r"\bich (?:ritze|ritzte|verletze|hasse und verletze) mich\b|\bich bin (?:suizidal|lebensmude)\b|\bich habe "
        r"(?:suizid|selbstmord)gedanken\b|"
        r"\bwie (?:bringe|tote|erhange) ich mich\b|\bwie (?:kann|konnte) ich (?:mich|mir).{0,25}(?:umbringen|toten|"
        r"das leben nehmen|erhangen)\b|"
        r"\b(?:habe|hatte) versucht,? (?:mich umzubringen|mir das leben zu nehmen|mich zu toten)\b", _GAMES,
    ),
    _rule(
        "child-abuse-material", "S4",
        "porn;csam;nude;nackt;erotic;erotik;erotisch;smut;sex",
        rf"\b(?:show|send|find|get|download|write|share|want|looking for|where|give|buy|trade|sell|make|generate|"
        rf"create|watch|need|zeig|schick|suche|"
        rf"such|finde|kaufe\w*|schreib\w*|herunterladen|erstell\w*)\b.{{0,40}}\b(?:{_CHILD} (?:porn\w*|nudes?|"
        rf"erotica|sex (?:videos?|pics?|pictures|stor\w+|tapes?))|csam|"
        rf"child ?porn\w*|kinderporno\w*|(?:porn\w*|nudes?|nude (?:photos?|pics?|pictures)|sexual (?:photos?|"
        rf"images?|pictures|stories)|nacktbilder|nacktfotos|(?:sex(?:ual)?|erotic) (?:stor(?:y|ies)|scenes?|"
        rf"tales?|fantas\w+|role ?plays?)|smut|(?:sex|erotik) ?(?:geschicht|szene)\w*|erotische \w+) "
        rf"(?:of|with|about|involving|between|von|mit|uber) "
        rf"(?:(?:a|an|two|young|little|kleinen?|ein(?:e[mnr]?)?|zwei) )*{_CHILD})",
        _PREVENTS,
    ),
    _rule(
        "child-sex", "S4",
        "sex;fuck;make love;sleep;intercourse;geschlechts;rape;molest;groom;seduce;undress;fondle",
        rf"\b(?:sex|intercourse|sexual relations|fuck(?:ing|s|ed)?|make love|sleep(?:ing)?|geschlechtsverkehr) "
        rf"(?:with|mit) "
        rf"(?:(?:a|an|my|the|your|her|his|young|einem|einer|meiner|meinem|eine[nm]?) ){{0,2}}(?:{_CHILD}\b|(?:{_AGE}))|"
        rf"\b(?:rape|molest|groom|seduce|undress|fondle)s? (?:(?:a|an|my|the|young|her|his) ){{0,2}}(?:{_CHILD}\b|"
        rf"(?:{_AGE}))",
        _PREVENTS,
    ),
    _rule("child-explicit", "S4", "year old;years old;year-old;years-old;yrs;yr old;yr-old;y/o;yo;jahre alt;jahrig",
        rf"(?:{_AGE}).{{0,120}}\b{_EXPLICIT}\b|\b{_EXPLICIT}\b.{{0,60}}(?:{_AGE})", rf"{_PREVENTS}|\bolder than\b"),
    _rule(
        "mass-weapon", "S9",
        "nerve;sarin;vx;mustard gas;novichok;tabun;soman;ricin;anthrax;botulinum;smallpox;bomb;weapon;warhead;"
        "nuclear device;atom;tatp;peroxide;molotov;napalm;explosive; ied;suicide vest;poison gas;phosgene;cyanide",
        rf"{_HOW}.{{0,25}}\b(?:make|build|construct|produce|create|assemble|manufacture|synthesi[sz]e|cook|brew|"
        rf"enrich|weaponi[sz]e|spread|release|disperse|plant|set off|detonate|buy|"
        rf"get|obtain|acquire|design)\b.{{0,40}}\b{_MASS_WEAPON}|\b(?:synthesis|recipe|blueprint|assembly|"
        rf"instructions|ingredients)\b.{{0,20}}\b(?:of|for)\b.{{0,20}}\b{_MASS_WEAPON}",
        rf"{_PREVENTS}|{_PLAYS}",
    ),
    _rule(
        "mass-weapon-german", "S9",
        "nervengift;nervengas;sarin;senfgas;nowitschok;rizin;ricin;milzbrand;bombe;spreng;biowaffe;chemiewaffe;"
        "giftgas;molotow;napalm;brandsatz",
        rf"(?:{_WIE}|\bwie (?:baue|bastle|mache|bekomme) ich\b|"
        rf"\bbauanleitung\b).{{0,40}}\b{_MASSENWAFFE}(?:.{{0,30}}\b(?:bauen|basteln|herstellen|machen|zunden|"
        rf"kaufen|besorgen|freisetzen)\b)?|"
        rf"\b(?:bau|herstellung|synthese) (?:einer|eines|von) (?:\w+ )?{_MASSENWAFFE}",
        rf"{_PREVENTS}|{_PLAYS}|\bwas .{{0,20}}tun\b|\balarm\w*",
    ),
    _rule(
        "murder-way", "S1",
        "kill;murder;poison;strang;suffocat;assassinat;stab;shoot;behead;tortur;kidnap;dismember;beat up;bludgeon",
        rf"{_HOW}(?: (?:successfully|quickly|secretly|get away with|slowly|safely|quietly)){{0,2}} {_KILL}(?:ing)? "
        rf"{_PERSON}",
        rf"{_PLAYS}|{_PREVENTS}|\bshoot .{{0,40}}\b(?:portrait|wedding|camera|lens|text)"),
    _rule(
        "murder-threat", "S1",
        "kill;murder;stab;strangle;behead;rape;slaughter;shoot;execute",
        rf"\b(?:i|we) (?:will|am going to|are going to|want to|swear i will|shall|'ll)(?: \w+)? (?:kill|murder|"
        rf"stab|strangle|behead|rape|slaughter|execute|shoot) (?:you|him|them|your|all of|every|{_PERSON})|"
        r"\bi(?:'ll|'m going to|'m gonna| gonna) (?:\w+ )?(?:kill|murder|stab|strangle|behead|rape|slaughter|"
        r"shoot) (?:you|him|her|them|your|all)\b",
        rf"{_PLAYS}|\bif you (?:forget|don't)\b",
    ),
    _rule(
        "murder-german", "S1",
        "tote;umbring;bringe;ermord;vergift;erschiess;erstech;abstech;steche;erwurg;entfuhr;folter;knalle;schlitze;"
        "mache",
        rf"\bwie (?:tote|vergifte|ermorde|erschiesse|ersteche|entfuhre) ich {_JEMAND}|\bwie bringe ich "
        rf"{_JEMAND}(?: \w+){{0,3}} um\b|{_WIE}(?: \w+){{0,2}} {_JEMAND}(?: \w+){{0,3}} {_TOTEN}\b|"
        rf"\bich (?:werde|will) (?:dich|euch|ihn|sie|{_JEMAND})(?: \w+){{0,2}} {_TOTEN}\b|\bich (?:bringe|steche|"
        rf"knalle|schlitze|mache) (?:dich|euch|ihn)(?: \w+){{0,2}} (?:um|ab|auf|kalt|tot)\b",
        rf"{_PLAYS}|{_PREVENTS}",
    ),
    _rule(
        "hate-violence", "S10",
        "jew;muslim;christian;black;white;asian;mexican;migrant;refugee;gay;lesbian;homosex;trans ;transgender;"
        "women;arab;indian;chinese;african;gypsies;roma;hindu;catholic;disabled;foreigner;latino;hispanic;palestin;"
        "israel",
        rf"\b(?:kill|exterminate|gas|hang|lynch|eradicate|execute|annihilate|slaughter) (?:(?:all|every|the|those|"
        rf"these|all of the|any) ){{1,2}}(?:\w+ )?{_GROUP}\b|"
        rf"\b{_GROUP} (?:should|must|need to|have to|deserve to)(?: all)? (?:be (?:killed|exterminated|gassed|"
        rf"hanged|shot|lynched|eradicated|burned|executed|wiped out)|die|burn)\b|"
        rf"\b{_GROUP} are (?:all |nothing but |just |like )*(?:vermin|subhumans?|parasites|cockroaches|scum|"
        rf"inferior|filth|filthy|rats|apes|monkeys|animals|a disease|a cancer|a plague|savages|degenerates)\b|"
        rf"\b(?:i|we) (?:(?:really|just|fucking|all) )*(?:hate|despise|loathe) (?:(?:all|the|those|fucking) "
        rf")*{_GROUP}\b",
        rf"{_MOCKS}|{_PREVENTS}",
    ),
    _rule(
        "hate-german", "S10",
        "juden;ausland;moslem;muslim;fluchtling;migrant;schwul;lesben;zigeuner;turken;araber;schwarze;frauen;"
        "behindert;asylant;polen;russen;homosex",
        rf"\b{_GRUPPE} raus\b(?! (?:aus|dem|der))|\b{_GRUPPE} sind (?:alle |nur |doch )*(?:abschaum|ungeziefer|"
        rf"untermenschen|parasiten|dreck|minderwertig|tiere|eine plage|ratten)\b|"
        rf"\b{_GRUPPE} (?:gehoren|sollte[n]?|mussen|muss man|sollte man)(?: \w+){{0,2}} (?:vergast|vernichtet|"
        rf"getotet|erschossen|ausgerottet|verbrannt|aufgehangt|vergasen|toten|erschiessen|ausrotten)\b|"
        rf"\bich hasse (?:(?:alle|diese|die) )*{_GRUPPE}\b|\bwie (?:werde|werden) (?:ich|wir) (?:alle )?{_GRUPPE} "
        rf"los\b",
        rf"{_MOCKS}|{_PREVENTS}",
    ),
    _rule("sex-crime-way", "S3", "rape;raping;drug;roofie;molest;grop;spik;assault;harass;stalk;secretly film",
        rf"{_HOW}(?: \w+){{0,3}} (?:rape|drug|roofie|molest|grope|spike|sexually (?:assault|harass)|stalk|secretly "
        rf"film)(?:ing)? (?:(?:the )?drinks? of )?{_PERSON}",
        _PREVENTS),
    _rule(
        "crime-way", "S2",
        "launder;meth;crack;heroin;cocaine;mdma;lsd;fentanyl;drugs;weed;forge;counterfeit;hotwire;hot-wire;"
        "pickpocket;pick pocket;shoplift;rob ;evade;fraud;hack;blackmail;smuggle;steal;burn down;set fire;geld;"
        "falsche;schmuggle;knacke;begehe",
        r"\bhow (?:do|can|could|would|to)(?: (?:i|we|you|one))? (?:(?:best|successfully|safely|easily|quickly|go "
        r"about) )*"
        r"(?:launder money|(?:cook|make|synthesi[sz]e) (?:crystal )?(?:meth|crack|heroin|cocaine|mdma|lsd|"
        r"fentanyl)|sell (?:drugs|cocaine|heroin|meth|weed to)|buy (?:cocaine|heroin|meth|illegal drugs)|"
        r"forge (?:a |an )?(?:passport|signature|id|check|cheque)|counterfeit money|hot-?wire a|pick ?pocket|"
        r"shoplift|rob (?:a|an|the)|evade tax\w*|commit (?:tax |insurance |credit card )?fraud|"
        r"hack into (?:a |my |someone|the )|blackmail|smuggle|steal (?:a|an|from|someone|money|"
        r"credit)\b(?!.{0,20}\b(?:hearts?|show|kiss|spotlight|base)\b)|burn down (?:a|the|my)|set fire to (?:a|the|"
        r"my) (?:house|building|school|car))|"
        r"\bwie (?:wasche ich geld|koche ich (?:meth|crystal)|falsche ich (?:einen|eine)|schmuggle ich|knacke ich "
        r"ein auto|begehe ich)\b",
        rf"{_PREVENTS}|{_PLAYS}",
    ),
)  # fmt: skip


def find(text: str) -> list[Match]:
    """The rules that fit the text, with their places in it."""
    return find_in(skeleton(text))


def find_in(folded: Folded) -> list[Match]:
    """The same of a text that has been folded, with places in the original."""
    letters = frozenset(folded.text)
    return [match for rule in RULES for match in _of(rule, folded, letters)]


def _of(rule: Rule, folded: Folded, letters: frozenset[str]) -> Iterator[Match]:
    count = 0
    for start, end in near(rule.anchors, folded.text, letters):
        for match in rule.wording.finditer(folded.text, start, end):
            if rule.unless and rule.unless.search(folded.text, max(0, match.start() - _AROUND), match.end() + _AROUND):
                continue
            yield Match(rule.name, rule.category, *folded.original(*match.span()))
            count += 1
            if count == _MOST:
                return


def near(anchors: Sequence[str], text: str, letters: frozenset[str]) -> list[tuple[int, int]]:
    """The parts of a text of these letters in which a wording with one of the anchors can be.

    A search for strings is the fastest.
    """
    if len(text) <= _SHORT:
        return [(0, len(text))] if any(anchor in text for anchor in anchors) else []
    places: list[int] = []
    for anchor in anchors:
        # Texts that repeat a little, over and over, have few different letters.
        place = text.find(anchor) if letters.issuperset(anchor) else -1
        while place >= 0:
            places.append(place)
            place = text.find(anchor, place + _REACH)
    parts: list[tuple[int, int]] = []
    for place in sorted(places):
        start, end = max(0, place - _REACH), min(len(text), place + _REACH)
        if parts and start <= parts[-1][1]:
            parts[-1] = (parts[-1][0], end)
        else:
            parts.append((start, end))
    return parts
