"""Small words of English and German and what they do to a sentence: negate, quantify, join; and irregular forms.

General vocabulary only; no subject matter belongs here.
"""


def word_set(text: str) -> frozenset[str]:
    """The words of a text, with ss for ß as texts are compared."""
    return frozenset(text.replace("ß", "ss").split())


ENGLISH_FUNCTION = word_set(
    "a an the this that these those i you he she it we they me him her us them my your his its our their who "
    "whom whose "
    "which what where when why how there here and or but nor so yet if because as although though while whereas since "
    "of in on at by for with from to into onto over under above below about against between among through "
    "during before "
    "after within without upon along across behind beyond near off out up down per via than then is are was "
    "were be been "
    "being am do does did done doing have has had having will would shall should can could may might must "
    "not no n't also "
    "too very just only even still again both either neither each every all any some such same other another "
    "more most less "
    "least much many few several own itself himself herself themselves one ones s t said says say however thus hence "
    "therefore moreover meanwhile already ever never once now later earlier ago called named those whether "
    "according like unlike because due whoever whatever anyone someone anybody somebody everyone everybody nobody none"
)
GERMAN_FUNCTION = word_set(
    "der die das dem den des ein eine einer eines einem einen kein keine keiner keines keinem keinen und "
    "oder aber denn "
    "sondern doch wenn weil da als wie dass daß ob obwohl während damit sodass sowie sowohl weder noch nicht "
    "nichts nie "
    "niemals ich du er sie es wir ihr mich dich ihn uns euch mir dir ihm ihnen sich mein dein sein ihre "
    "ihrer ihren ihrem "
    "ihres seine seiner seinen seinem seines unser dieser diese dieses diesem diesen jener jene jenes "
    "welcher welche welches "
    "welchen welchem dessen deren wer was wo wann warum in im an am auf aus bei beim mit nach von vom vor zu "
    "zum zur über "
    "unter um durch für gegen ohne bis seit zwischen neben hinter trotz wegen statt ab ist sind war waren bin bist sei "
    "seien wäre wären wird werden wurde wurden worden würde würden hat haben hatte hatten habe hätte kann "
    "können konnte "
    "konnten könnte könnten muss müssen musste mussten soll sollen sollte sollten darf dürfen durfte will "
    "wollen wollte "
    "wollten mag auch nur noch schon sehr so dann hier dort man mehr meist etwa rund also jedoch dabei dazu "
    "davon daran "
    "darauf dafür hierzu worin worauf nun jetzt bereits wieder immer alle aller alles allem allen jeder jede "
    "jedes jedem "
    "jeden viele vieler vielen einige einiger einigen mehrere mehrerer beide beiden beider selbst laut gemäß "
    "zufolge hin her "
    "zwar eben ja wohl sogar erst anno es's"
)
FUNCTION = ENGLISH_FUNCTION | GERMAN_FUNCTION
# Words of one language that the other has not: by their number a text's language is told.
ENGLISH_SIGNS = ENGLISH_FUNCTION - GERMAN_FUNCTION - {"i", "am", "an"}
GERMAN_SIGNS = GERMAN_FUNCTION - ENGLISH_FUNCTION

PRONOUNS = word_set(
    "he she it they him her them his its their this these that those who which er sie es ihn ihm ihnen sein "
    "seine seiner "
    "seinem seinen ihr ihre ihrer ihrem ihren dieser diese dieses diesem diesen dessen deren we our us you your"
)
# Of a clause they turn what it says into its opposite.
NEGATIONS = word_set(
    "not no n't never none nobody nothing neither nor nowhere without cannot hardly scarcely barely non "
    "nicht nichts kein keine keiner keines keinem keinen nie niemals niemand niemandem niemanden nirgends "
    "nirgendwo ohne weder keinerlei"
)
# Words that can say the same as a negation, or what remains of one.
NEARLY_NEGATIONS = word_set(
    "free frei freie freien freier kostenlos befreit exempted unless too disqualified disqualifiziert fail "
    "failed fails failing failure lack lacks lacked lacking refuse refused unable impossible only except "
    "excepting "
    "exclude excluded excludes excluding exclusive unlike instead prevent prevented prevents stop stopped cease "
    "ceased discontinue discontinued lose lost losing few fewer little least outside exempt prohibit "
    "prohibited forbid "
    "forbidden forbade deny denied denies wrong incorrect false doubt doubtful questioned contrary reject "
    "rejected vain "
    "against ban banned avoid avoided absent absence missing empty zero reserved merely "
    "    avoid expired expire terminated halt withdraw withdrew unknown unclear "
    "unlikely unable unsuccessful unsuccessfully unchanged disagree disagreed oppose opposed abandon "
    "abandoned shelve shelved "
    "waive waived bar barred illegal "
    "scheitern scheiterte gescheitert misslang misslungen fehlen fehlt fehlte fehlgeschlagen mangel fehlschlug schlug "
    "unmöglich nur außer ausgenommen ausschließlich ausgeschlossen ausschließen ausschloss anders statt "
    "anstatt verhindern "
    "verhinderte verhindert aufhören beenden beendet verlieren verlor verloren wenig wenige kaum außerhalb verboten "
    "verbieten verbot leugnen bestreiten bestritt falsch irreführend zweifel zweifelhaft bezweifelt zweifeln "
    "vergeblich "
    "ablehnen ablehnte abgelehnt lehnten lehnte gegen vermeiden abwesend leer vorbehalten bloß "
    "unbekannt unklar ungleich ungelöst unwahrscheinlich verzichtete verzichten verzicht weigerte verweigert "
    "stattdessen vielmehr unterlassen einstellen eingestellt aufgegeben ablehnend widersprach widerspricht "
)
EXCLUSIVE = word_set("only solely exclusively nur ausschließlich lediglich einzig")
UNIVERSAL = word_set(
    "all every everything everyone everybody each always "
    "alle alles aller allen jeder jede jedes jedem jeden immer sämtliche sämtlicher sämtlichen stets ausnahmslos"
)
UNIVERSAL_LIKE = UNIVERSAL | word_set(
    "entirely whole entire wholly completely ganz ganze ganzen gesamt gesamte gesamten vollständig both any "
    "throughout total general generally anyone anything no none never only full fully everywhere consist "
    "consists "
    "beide beiden insgesamt irgend nur ausschließlich allgemein grundsätzlich überall völlig komplett"
)
MOST = word_set(
    "most mostly majority mainly largely predominantly primarily bulk chiefly usually almost nearly greater "
    "meisten meist mehrheit größtenteils überwiegend hauptsächlich vorwiegend großteil überwiegende gros "
    "mehrheitlich fast"
)
# Of those, words that stand as often with a number as with what is counted.
HEDGES = word_set("almost nearly fast greater usually bulk")
SOME = word_set(
    "some several many few often sometimes partly certain various numerous other including part portion "
    "usually normally "
    "typically generally principal "
    "einige einiger einigen manche mancher manchen mehrere mehrerer viele vieler vielen oft manchmal teils "
    "teilweise gewisse "
    "verschiedene zahlreiche zahlreichen wenige weniger wenigen teil"
)
# Where a clause ends and another begins.
BREAKS = word_set(
    "but while since whereas although though because which who whose whom yet however unless until when where "
    "aber während weil obwohl sondern wobei jedoch wohingegen hingegen dagegen welcher welche welches"
)
JOINS = word_set("and or und oder sowie")
COMPARING = word_set("than als compared relative verglichen gegenüber")
BE = word_set("is are was were be been being am ist sind war waren sei wird werden wurde wurden worden")

_IRREGULAR_TEXT = (
    "be am is are was were been being|have has had having|go goes went gone|come came|get got gotten|give gave given|"
    "take took taken|make made|know knew known|see saw seen|find found|think thought|tell told|become "
    "became|leave left|"
    "feel felt|bring brought|begin began begun|keep kept|hold held|write wrote written|stand stood|hear "
    "heard|mean meant|"
    "meet met|run ran|pay paid|sit sat|speak spoke spoken|lie lay lain|lead led|grow grew grown|lose "
    "lost|fall fell fallen|"
    "send sent|build built|understand understood|draw drew drawn|break broke broken|spend spent|rise rose risen|"
    "drive drove driven|buy bought|wear wore worn|choose chose chosen|sell sold|shrink shrank shrunk|win "
    "won|fight fought|"
    "throw threw thrown|catch caught|teach taught|seek sought|forget forgot forgotten|lend lent|sing sang "
    "sung|swim swam|"
    "steal stole stolen|strike struck|bear bore borne|beat beaten|rule ruled|die died dead death|grow growth|"
    "man men|woman women|child children|person people|foot feet|city cities|datum data|life lives|half halves"
)
IRREGULAR = {form: forms.split()[0] for forms in _IRREGULAR_TEXT.split("|") for form in forms.split()}

_PEOPLES_TEXT = (
    "spain spanish spaniard spaniards spaniens spanien spanisch|france french frenchman frankreich "
    "französisch franzosen|"
    "germany german germans deutschland deutsch deutsche|england english engländer englisch|"
    "britain british uk gb großbritannien britisch kingdom|usa us america american u.s vereinigte|"
    "netherlands dutch holland niederlande niederländisch|china chinese chinas chinesisch|japan japanese japanisch|"
    "scotland scottish scots scot schottland schottisch schotten|ireland irish irland irisch|wales welsh|"
    "poland polish poles polen polnisch|denmark danish danes dane dänemark dänisch|sweden swedish swedes schweden|"
    "norway norwegian norwegians norwegen norwegisch|finland finnish finns finnland|turkey turkish turks "
    "türkei türkisch|"
    "greece greek greeks griechenland griechisch|switzerland swiss schweiz schweizer|italy italian italien italienisch|"
    "russia russian russland russisch|portugal portuguese portugiesisch|brazil brazilian brasilien brasilianisch|"
    "europe european europa europäisch|mongol mongols mongolian mongolei mongolen mongolisch|korea korean koreanisch|"
    "normandy norman normans normandie normannen normannisch|rome roman romans rom römisch römer"
)
PEOPLES = {form: forms.split()[0] for forms in _PEOPLES_TEXT.split("|") for form in forms.split()}
