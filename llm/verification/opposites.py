"""Words that point one of two ways, by what they point along: `rose` and `fell`, `first` and `last`.

A word in several groups points along each of them.
"""

from collections.abc import Iterator
from functools import cache

# Of each axis the words of one way, and those of the other. A trailing * stands for any ending.
_AXES: dict[str, tuple[str, str]] = {
    "amount": (
        "increas* rise rises rose risen rising raise raised raises grow grows grew grown growing growth climb* up "
        "more higher greater improv* expand* expansion exceed* surpass* upward* upgrad* strengthen* accelerat* "
        "soar* surg* faster larger bigger add adds added mehr höher* größer* steig* stieg* gestiegen erhöh* "
        "wachs* wuchs* gewachsen zunahm* zugenommen zunehm* zunahme anstieg* übertraf* übertreff* schneller "
        "vermehr* verstärk* beschleunig* stärker wächst* high highest hoch hohe* höchste* extrem* elevated",
        "decreas* decline* declining fall falls fell fallen falling drop* reduc* shrink* shrank shrunk lower* "
        "fewer less diminish* dwindl* down smaller cut downward* downgrad* weaken* slow* worsen* least lessen* "
        "subtract* below weniger niedriger* kleiner* sink* sank gesunken fiel* gefallen fall verringer* reduzier* "
        "abnahm* abgenommen abnehm* nimmt rückgang* gering* langsamer verlangsam* little low lowest niedrigste* "
        "vermind* schwäch* senk* gesenkt schrumpf*",
    ),
    "time": (
        "earlier prior previous* former* preced* predecessor* beforehand vorher früher* vorig* ehemalig* zuvor "
        "vorherig*",
        "later following subsequent* next succeed* successor* afterward* afterwards nachher später* danach "
        "nachdem folgend* anschließend daraufhin",
    ),
    "rank": (
        "first earliest initial* foremost original* erste ersten erster erstes anfang* zuerst ursprünglich*",
        "last latest final* newest letzte letzten letzter letztes zuletzt endlich neueste*",
    ),
    "age": (
        "old older oldest elder eldest alt alte alten älter* älteste* ancient",
        "young younger youngest new newer newest modern* jung* jünger* jüngste* neu neue neuen neuer neueste*",
    ),
    "size": (
        "long-lasting large larger largest big bigger biggest huge great greater greatest major vast groß große "
        "großen größer* größte* wide* longer longest",
        "small smaller smallest little tiny minor minimal* klein* kleiner* kleinste* gering* narrow* shorter shortest",
    ),
    "strength": (
        "strong* stronger strongest powerful strength* stark* stärker* stärkste*",
        "weak* weaker weakest weakness* schwach* schwäch* schwächer*",
    ),
    "speed": (
        "fast faster fastest quick* rapid* schnell* rasch*",
        "slow slower slowest slowly slowness langsam*",
    ),
    "north": (
        "north* northern nord* nördlich*",
        "south* southern süd* südlich*",
    ),
    "east": (
        "east* eastern northeast* southeast* ost* osten östlich* ostwärts ostseite nordost* südost*",
        "west* western northwest* southwest* west* westlich* westwärts westseite nordwest* südwest*",
    ),
    "place": (
        "inside upper obere oberen oberer oberhalb innerhalb upstream indoor*",
        "outside lower untere unteren unterer unterhalb außerhalb downstream outdoor*",
    ),
    "success": (
        "succeed* success* win wins won winning victor* triumph* beat gewann* gewonnen gewinn* sieg* erfolg* "
        "gelang* gelingt",
        "fail* unsuccess* loses lost losing scheiter* verlor* verloren niederlage* misserfolg* misslang* "
        "fehlschlag* fehlgeschlagen",
    ),
    "benefit": (
        "gain* profit* benefit* income earn* positive* favorab* favourab* surplus help* advantage* gewinn* "
        "profitier* überschuss* vorteil* positiv*",
        "loss loss* lost negativ* unfavorab* unfavourab* adverse* deficit* harm* hurt cost disadvantage* verlust* "
        "nachteil* schädlich* schaden defizit*",
    ),
    "begin": (
        "begin* began begun start* open opens opened opening reopen* wiedereröffn* launch* found* establish* "
        "introduc* commenc* initiat* beginn* begann* begonnen eröffn* gründ* einführ* start*",
        "end ends ended ending stop* clos* ceas* terminat* conclu* abolish* expire* finish* discontinu* ende "
        "endet* beend* schließ* schloss* geschlossen abgeschafft",
    ),
    "most": (
        "most majority mostly mainly bulk meisten mehrheit großteil überwiegend* hauptsächlich",
        "minority few fewest least minderheit wenig* wenigsten",
    ),
    "least": (
        "best better well besser* beste*",
        "worst worse bad poor* schlechter* schlechteste* schlimm*",
    ),
    "easy": (
        "easy easier easiest easily simple simpl* einfach* leicht*",
        "hard harder hardest hardly difficult* complex* schwer* schwierig*",
    ),
    "rich": (
        "rich richer richest wealth* affluent reich reiche reichen reicher reichste* wohlhabend*",
        "poor* poverty impoverish* arm ärmer* arme* armut",
    ),
    "accept": (
        "accept* approv* permit* allow* agree* support* confirm* admit* acknowledg* akzeptier* zustimm* erlaub* "
        "bestätig* unterstütz* darf dürfen",
        "reject* refus* forbid* forbad* prohibit* ban banned deny denies denied oppos* disagree* disput* ablehn* "
        "abgelehnt* lehnte* verbot* verbiet* verweiger* bestreit* bestritt*",
    ),
    "certain": (
        "certain* sure definite* proven prov* known sicher* bewiesen bekannt",
        "uncertain* doubt* unsure dubious unproven conjecture* unsicher* zweifel* unbekannt vermut*",
    ),
    "public": (
        "public* öffentlich*",
        "private* privat*",
    ),
    "open": (
        "open opens opened reopen* offen geöffnet öffnet wiedereröffn* wiedergeöffnet",
        "closed closes close shut geschlossen schließt",
    ),
    "full": (
        "full crowded busy voll überfüllt belegt",
        "empty deserted vacant leer unbesetzt",
    ),
    "season": (
        "summer* sommer* spring frühling*",
        "winter* autumn herbst*",
    ),
    "hour": (
        "morning* morgens vormittag* day daytime tagsüber",
        "evening* abend* afternoon* nachmittag* night* nachts",
    ),
    "hand": (
        "left-hand linke linken linker links",
        "right-hand rechte rechten rechter rechts",
    ),
    "many": (
        "many multiple numerous several frequent* viele vielen häufig*",
        "few fewer rare rarely seldom little scarce* wenige selten*",
    ),
    "possible": (
        "possible able capable can möglich* können",
        "impossible unable incapable unmöglich*",
    ),
    "hot": (
        "hot hotter warm* heat* heiß* warm* wärm*",
        "cold colder cool* kalt* kält* kühl* abkühl*",
    ),
    "wet": (
        "rain* wet* niederschl* regen",
        "dry drier drought* trocken* dürre*",
    ),
    "birth": (
        "born birth geboren geburt*",
        "died death dead dies gestorben starb* tod*",
    ),
    "finite": (
        "infinite* infinitely unendlich*",
        "finite* finitely endlich*",
    ),
    "length": (
        "lengthen* prolong* extend* verlänger*",
        "shorten* abbreviat* curtail* verkürz*",
    ),
    "width": (
        "widen* broaden* verbreiter* breiter*",
        "narrow* verenge* schmaler* enger",
    ),
    "life": (
        "surviv* alive überleb* lebend*",
        "die dies died dead perish* killed starb* gestorben tot tote toten getötet umkam*",
    ),
    "proof": (
        "confirm* corroborat* verif* prove* bestätig* beleg*",
        "discredit* refut* disprov* debunk* widerleg* entkräft*",
    ),
    "favour": (
        "favour* favor* advocat* endors* befürwort* dafür",
        "against gegen dagegen oppos*",
    ),
    "height": (
        "above top upstairs upper highest overhead oben oberhalb oberste* obere*",
        "below beneath bottom downstairs lower lowest underneath unten unterhalb unterste* untere*",
    ),
    "allowance": (
        "allow* permit* erlaub* gestatt* zulässig*",
        "prohibit* forbid* forbad* ban banned bans verboten* verbiet* unzulässig* untersag*",
    ),
    "containing": (
        "includ* inclusive enthalten enthält einschließlich inklusive",
        "exclud* excluding exclusive ausgenommen ausschließlich exklusive",
    ),
    "bound": (
        "minimum least mindestens minimal* wenigstens",
        "maximum most höchstens maximal*",
    ),
    "presence": (
        "present anwesend*",
        "absent absence abwesend*",
    ),
    "duty": (
        "mandatory compulsory obligatory required obligat* verpflichtend* pflicht* vorgeschrieben*",
        "optional voluntar* freiwillig* fakultativ*",
    ),
    "lasting": (
        "permanent* forever dauerhaft* ständig* endgültig*",
        "temporar* provisional* vorübergehend* vorläufig* zeitweilig*",
    ),
    "work": (
        "hire* hired recruit* eingestellt",
        "dismiss* fired sacked resign* entlassen* abberufen zurückgetreten",
    ),
    "journey": (
        "arriv* enter* return* ankunft ankam* angekommen betrat",
        "depart* leave leaves left leaving exit* abfahrt abreis* verließ* verlassen",
    ),
    "trade": (
        "import* buy buys bought buying purchas* acquir* kauf* erwarb* erworben importier*",
        "export* sell sells sold selling verkauf* veräußer* exportier*",
    ),
    "loan": (
        "lend* lent verleih* verlieh*",
        "borrow* leiht lieh* geliehen entlieh*",
    ),
    "praise": (
        "prais* acclaim* celebrat* commend* lobte* gelobt",
        "criticis* criticiz* condemn* blam* kritisier* verurteil* tadel*",
    ),
    "weight": (
        "heavy heavier heaviest schwerer schwerste*",
        "light lighter lightest leichter leichteste*",
    ),
    "price": (
        "expensive costly dear dearer teuer* teurer",
        "cheap* inexpensive billig* günstig*",
    ),
    "depth": (
        "deep deeper deepest tief tiefer tiefe*",
        "shallow* flach* seicht*",
    ),
    "thickness": (
        "thick thicker thickest dick dicker dicke*",
        "thin thinner thinnest dünn*",
    ),
    "brightness": (
        "bright* hell heller helle*",
        "dark* dim dunkel* dunkle*",
    ),
    "inside": (
        "internal* inner interior innere* intern*",
        "external* outer exterior äußere* extern*",
    ),
    "country": (
        "domestic* inland* inländ* heimisch*",
        "foreign* abroad overseas ausland* ausländ*",
    ),
    "town": (
        "urban städtisch*",
        "rural countryside ländlich*",
    ),
    "sex": (
        "man men male father son brother husband king he mann männer männlich* vater sohn bruder",
        "woman women female mother daughter sister wife queen she frau frauen weiblich* mutter tochter schwester",
    ),
    "guilt": (
        "acquit* innocent freigesprochen unschuldig*",
        "convict* guilty verurteilt schuldig*",
    ),
    "stream": (
        "upstream stromaufwärts",
        "downstream stromabwärts",
    ),
    "safety": (
        "safe safer safest",
        "danger* unsafe hazard* riskant* gefährlich*",
    ),
    "schedule": (
        "ahead early verfrüht vorzeitig*",
        "behind late delay* overdue verspätet* verzöger*",
    ),
    "union": (
        "join* merg* unite* united vereinig* beitrat beigetreten",
        "split* separat* withdrew withdraw* trennt* getrennt austrat ausgetreten",
    ),
    "attack": (
        "attack* invad* angriff angriffen angegriffen",
        "defend* defence verteidig*",
    ),
    "supply": (
        "sufficient enough ample genug ausreichend* genügend",
        "insufficient inadequate scarce shortage mangel* unzureichend*",
    ),
    "activity": (
        "active activ* aktiv*",
        "inactive passive dormant inaktiv* passiv*",
    ),
    "likeness": (
        "same identical equal gleich* identisch*",
        "different distinct unequal unterschied* verschieden*",
    ),
    "order": (
        "before vor bevor",
        "after nach nachdem",
    ),
}


def _entries() -> Iterator[tuple[str, str, int]]:
    """Each word with its axis and way."""
    for axis, ways in _AXES.items():
        for sign, words in zip((1, -1), ways, strict=True):
            yield from ((word, axis, sign) for word in words.replace("ß", "ss").split())


@cache
def _tables() -> tuple[dict[str, list[tuple[str, int]]], list[tuple[str, str, int]]]:
    """Whole words with what they point along, and beginnings of words."""
    exact: dict[str, list[tuple[str, int]]] = {}
    prefixes: list[tuple[str, str, int]] = []
    for word, axis, sign in _entries():
        if word.endswith("*"):
            prefixes.append((word[:-1], axis, sign))
        else:
            exact.setdefault(word, []).append((axis, sign))
    return exact, prefixes


@cache
def pointing(word: str) -> tuple[tuple[str, int], ...]:
    """The axes along which a word in lower case points, each with the way: 1 or -1."""
    exact, prefixes = _tables()
    found = dict(exact.get(word, []))
    for prefix, axis, sign in prefixes:
        if word.startswith(prefix) and axis not in found:
            found[axis] = sign
    return tuple(found.items())
