"""The wordings by which a text talks to a language model, in English and German, over folded text.

A strong one hardly occurs elsewhere, two middling ones hardly together. How they are weighed is in `instructions`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

_STRONG, _MEDIUM, _WEAK = 0.9, 0.6, 0.35


@dataclass(frozen=True)
class Signal:
    """A wording, what it weighs, and strings of which each text with it has one. `quotable` ones may be spoken of."""

    name: str
    weight: float
    anchors: Sequence[str]
    pattern: str
    quotable: bool

    @cached_property
    def wording(self) -> re.Pattern[str]:
        """Compiled when first looked for, so that no process has to wait for all of them as it starts."""
        return re.compile(self.pattern)

    def prepare(self) -> None:
        """Compile now, in a process that stays."""
        _ = self.wording


def _signal(name: str, weight: float, anchors: str, *wordings: str, quotable: bool = True) -> Signal:
    return Signal(name, weight, anchors.split(";"), "|".join(wordings), quotable)


# What a command begins after: nothing, the end of a sentence, or a word that makes it one. Not `may` or `can`.
_START = (
    r"(?:^|[.!?:;>\])}*#\"'-] ?|\b(?:please|now|then|and|must|should|shall|always|simply|just|instead|bitte|jetzt|"
    r"nun|"
    r"dann|und|musst|sollst|immer|first|zuerst|to|have to|need to|you will|you are to) )"
)
_BEFORE = (
    r"(?:previous(?:ly)?|prior|above|earlier|preceding|foregoing|former|existing|original|initial|system|developer|"
    r"your|current|other|hidden)"
)
_RULES = (
    r"(?:instructions?|prompts?|rules|guidelines|directions|directives|commands|orders|programming|constraints|"
    r"safeguards|training|restrictions|context|conversation)"
)
_BISHERIGE = (
    r"(?:vorherigen?|vorigen?|bisherigen?|obigen?|vorangegangenen?|vorangehenden?|fruheren?|ursprunglichen?|"
    r"vorstehenden?|deine[rn]?|ihre|anderen?|sonstigen?|weiteren?|aktuellen?)"
)
_ANWEISUNGEN = (
    r"(?:\w*anweisung(?:en)?|instruktion(?:en)?|regeln|vorgaben|befehle?n?|\w*prompts?|einschrankungen|richtlinien)"
)
# How people call a language model. What is made of the word, such as `AI team`, is none.
_MODEL = (
    r"(?:(?:ai|a\.i\.|ki|llm|gpt|chatbot|artificial intelligence|large language|language|virtual|automated)[ -]?)?"
    r"(?:ais?|llms?|chat ?gpt|gpt-?\w*|language models?|ai models?|chatbots?|copilot|gemini|claude|llama|assistants?|"
    r"ki|kis|sprachmodelle?|assistent(?:en|in)?|ki-?(?:modelle?|systeme?|assistent(?:en)?))"
)
_ONLY_MODEL = (
    r"(?:ais?|llms?|chat ?gpt|gpt-?\w*|(?:large )?language models?|(?:ai|llm)[ -](?:models?|assistants?|agents?|"
    r"systems?|reviewers?|readers?)|chatbots?|copilot|gemini|claude|llama|ki|kis|(?:grosse[sn]? )?sprachmodelle?n?|"
    r"ki-?(?:modelle?n?|systeme?n?|assistent(?:en)?|agent(?:en)?))"
)
# ... which is spoken to where the sentence ends after it or a command follows.
_SPOKEN_TO = (
    r"(?= ?[:,!.)\]*]| - | (?:reading|processing|summari[sz]ing|answering|that|who|which|die|das|der) |$)"
    r"(?!, (?:inc|llc|ltd))"
)
_EACH_ANSWER = (
    r"(?:(?:each|every|all|any|your) (?:\w+ )?(?:answers?|repl(?:y|ies)|responses?|summar(?:y|ies)|outputs?)|"
    r"(?:jede[rnms]?|alle[rn]?|deine[rnm]?) (?:\w+ )?(?:antwort(?:en)?|zusammenfassung(?:en)?|ausgaben?))\b"
)
_TOOL_KEYS = r"[\"'](?:arguments|parameters|args|input|tool_input|kwargs)[\"']"
SIGNALS: Sequence[Signal] = (
    _signal(
        "override", _STRONG,
        "ignor;disregard;forget;overrid;overrul;bypass;discard;neglect;vergiss;vergessen;missacht;befolg;verwirf;"
        "umgeh;not follow;n't follow;stop follow",
        rf"{_START}(?:ignore|disregard|forget|override|overrule|bypass|discard|neglect) (?:\w+ ){{0,3}}?"
        rf"{_BEFORE} (?:\w+ ){{0,3}}?{_RULES}\b",
        rf"{_START}(?:ignore|disregard|forget) (?:all |any |the )?{_RULES} (?:\w+ )?(?:above|before|so far|"
        rf"you (?:were|"
        r"have been|had been))",
        r"\b(?:ignore|disregard|forget) (?:all|everything|anything) (?:\w+ )?(?:above|before (?:this|that)|"
        r"you (?:were|"
        r"have been|had been|know|'ve been) (?:told|instructed|given|taught)|that (?:came|was said) before)",
        rf"{_START}(?:do not|don't|stop) follow(?:ing)? (?:\w+ ){{0,2}}?(?:{_BEFORE}|these|any) (?:\w+ )?{_RULES}\b",
        rf"\b(?:ignorier(?:e|en sie|t)?|missacht(?:e|en sie)|vergiss|vergessen sie|verwirf|umgeh(?:e|en sie)|"
        rf"uberschreib(?:e|en sie)|befolg(?:e|en sie) nicht)(?: \w+){{0,3}}? (?:{_BISHERIGE} )+(?:\w+ "
        rf")?{_ANWEISUNGEN}",
        rf"\b(?:ignorier(?:e|t)?|vergiss|missachte) (?:bitte )?(?:alle|samtliche|jede) (?:\w+ )?{_ANWEISUNGEN}",
        r"\bvergiss (?:bitte )?alles,? (?:was|bisherige|vorherige|davor|obige)",
    ),
    _signal(
        "persona", _STRONG,
        "you are;you're;act as;pretend;du bist;sie sind;from now on;ab jetzt;ab sofort;von nun an;tu so;do anything "
        "now",
        rf"\byou(?: are|'re) (?:now |henceforth |hereby |from now on )(?:\w+ ){{0,4}}?(?:{_ONLY_MODEL}|dan|"
        rf"(?:helpful|"
        r"evil|unfiltered|uncensored|unrestricted|virtual) assistant|assistant (?:that|who|with(?:out)?)|hacker|"
        r"pirate|"
        r"unbound|unrestricted|jailbroken|uncensored|unfiltered|free (?:from|of) (?:\w+ )?(?:rules|restrictions)|"
        r"no longer bound|in (?:developer|admin(?:istrator)?|god|debug|root|maintenance|jailbreak|dan) mode)\b",
        rf"{_START}(?:act as|pretend (?:to be|(?:that )?you are)|play the role of|imagine you are|"
        rf"you are) (?:\w+ ){{0,2}}?"
        r"(?:dan|root|chat ?gpt|(?:large )?language model|(?:unrestricted|uncensored|unfiltered|jailbroken|evil) \w+|"
        r"ai (?:model|assistant) (?:that|who|with(?:out)?))\b",
        r"\bdo anything now\b|\byou are (?:dan|root)\b[.,! ]",
        rf"\bdu bist (?:jetzt|nun|ab (?:jetzt|sofort)|von nun an) (?:\w+ ){{0,4}}?(?:{_ONLY_MODEL}|assistent\w*|dan|"
        rf"frei von|"
        r"uneingeschrankt\w*|hacker\w*|pirat\w*|nicht mehr an|im (?:entwickler|admin|wartungs|debug)\w*)",
        r"\btu so,? als (?:ob|warst|seist|hattest) du?\b",
    ),
    _signal(
        "from now on", _MEDIUM,
        "from now on;ab jetzt;ab sofort;von nun an;henceforth",
        r"\b(?:from now on|henceforth),? (?:you (?:(?:will|must|shall|should) )?(?:only |always )?)?(?:are|answer|"
        r"respond|reply|"
        r"speak|say|act|behave|obey)\b",
        r"\b(?:ab jetzt|ab sofort|von nun an),? (?:antwortest|bist|sagst|schreibst|sprichst|befolgst|ignorierst|"
        r"gehorchst) du\b",
    ),
    _signal(
        "address", _STRONG,
        " ai ;ai,;ai:;ai.;ai!;ai-;ais;llm;gpt;language model;chatbot;copilot;gemini;claude;llama;ki ;ki,;ki:;ki.;ki!;"
        "ki-;"
        "sprachmodell;an ai;the ai",
        rf"(?:^|[.!?:*\])] ?)(?:to|an) (?:the |any |all |every |das |den |die |alle |jedes |"
        rf"jede )?{_ONLY_MODEL}{_SPOKEN_TO}",
        rf"\b(?:please note|attention|achtung|bitte beachte),? {_ONLY_MODEL} ?[:,!]",
        rf"\b(?:notes?|attention|attn|message|instructions?|important|directive|reminder)(?: \w+)? ?(?:to|for|:) ?"
        rf"(?:the |any |all |every |whatever |whichever )?{_ONLY_MODEL}{_SPOKEN_TO}",
        rf"\b(?:hinweis|achtung|nachricht|anweisung(?:en)?|wichtig|mitteilung)(?: \w+)? ?(?:an|fur|:) ?(?:das |den |"
        rf"die |alle |"
        rf"jedes |jede )?{_ONLY_MODEL}{_SPOKEN_TO}",
        rf"\bif you(?: are|'re) an? (?:\w+ ){{0,2}}?{_ONLY_MODEL}\b(?! (?:developer|provider|deployer|user|team|"
        rf"company|"
        r"vendor|engineer|researcher|officer))",
        r"\b(?:wenn|falls) (?:du|sie) (?:ein|eine) (?:\w+ ){0,2}?" rf"{_ONLY_MODEL} (?:bist|sind)\b",
        rf"\b(?:dear|hey|hello|hallo|liebe[rs]?) {_ONLY_MODEL}\b ?[:,!.]",
        r"\bas an? (?:ai|(?:ai |large )?language model|ai assistant)(?: \w+){0,2},? (?:you (?:must|should|will|shall|"
        r"are|have)|"
        r"(?:always |please )?(?:ignore|say|answer|respond|reply|write|recommend|rate|include|append))\b",
        r"\b(?:als) (?:ki|sprachmodell|ki-assistent),? (?:musst|sollst|darfst|wirst|hast) du\b",
    ),
    _signal(
        "control", _STRONG,
        "<|;[inst];[/inst];<<sys;start_of_turn;end_of_turn;<system;```system;<tool_call;<function_call;tool_code",
        r"<\|(?:im_start|im_end|eot_id|eom_id|begin_of_text|end_of_text|start_header_id|end_header_id|system|user|"
        r"assistant|python_tag|endoftext|tool\w*|end)\|>",
        r"\[/?inst\]|<</?sys>>|<(?:start|end)_of_turn>|</?system(?:[ _-]?prompt)?>|```system\b|</?(?:tool|"
        r"function)_calls?>",
        quotable=False,
    ),
    _signal(
        "turn", _MEDIUM,
        "system:;assistant:;instruction:;instructions:;response:;anweisung:;anweisungen:;system prompt:;"
        "systemprompt:;"
        "user:;model:",
        r"(?:^|[^\w ] ?|\n)system ?(?:prompt|message|note|override|instruction)? ?: ?(?:you|du|say|sage|new|neue|"
        r"ignore|"
        r"always|never|from now|the (?:user|assistant)|override|all|respond|answer|reply)\b",
        r"#{2,} ?(?:instruction|instructions|system|anweisung(?:en)?)\b ?:?",
        r"\b(?:new|updated|real|actual|additional|hidden|secret|revised) (?:system |developer )?"
        r"(?:instructions?|prompt|rules)(?: (?:for|to) (?:you|the (?:assistant|model|ai)))? ?:",
        r"\b(?:neue|geheime|zusatzliche|eigentliche|aktualisierte) (?:system-?)?(?:anweisung(?:en)?|"
        r"instruktion(?:en)?|"
        r"regeln) ?(?:fur (?:dich|das modell|den assistenten))? ?:",
    ),
    _signal(
        "dialogue", _WEAK, "user:;human:;nutzer:;assistant:;assistent:",
        r"\b(?:user|human|nutzer)\b ?: .{1,160}?\b(?:assistant|ai|model|assistent)\b ?:",
    ),
    _signal(
        "addressed", _MEDIUM, "assistant:;assistant,;assistenten:;the assistant",
        r"\b(?:instructions?|notes?|message|attention|reminder)(?: \w+)? ?(?:to|for|:)? ?(?:the |any |all |every )?"
        r"(?:\w+ )?assistants? ?:",
        r"\b(?:anweisung(?:en)?|hinweis|nachricht)(?: \w+)? ?(?:an|fur) (?:den |alle |"
        r"jeden )?(?:\w+ )?assistenten ?:",
    ),
    _signal(
        "fence", _MEDIUM,
        "--- end;--- begin;end of document;end of passage;end of context;end of the document;end of data;end of user;"
        "ende des dokuments;</passage;</document;</context;ende der passage",
        r"--- ?(?:end|begin)\b(?: of (?:the )?\w+)?(?: [0-9a-f]{6,})?",
        r"\bend of (?:the )?(?:document|passages?|context|data|user input)s?\b ?[-.:)\]=]* ?(?:system|now|new|you|"
        r"question|"
        r"user|instruction|ignore)",
        r"\bende (?:des dokuments|der passagen?|des kontexts)\b ?[-.:)\]=]* ?(?:system|jetzt|neue|du|frage|"
        r"anweisung)",
        r"</(?:passage|document|context)>",
    ),
    _signal(
        "prompt", _STRONG,
        "system prompt;systemprompt;your instructions;your prompt;initial instructions;system-prompt;instructions "
        "above;"
        "deine anweisungen;deinen prompt;hidden instructions;deine instruktionen;system message",
        rf"{_START}(?:reveal|print|show|repeat|leak|output|display|quote|disclose|recite|tell me|write out|copy|"
        rf"return|"
        r"what (?:is|are)) (?:\w+ ){0,3}?(?:your|the|its) (?:\w+ ){0,2}?(?:system[ -]?prompt|system message|"
        r"(?:initial |"
        r"hidden |original |secret )?(?:instructions|prompt)(?: (?:above|verbatim|word for word))?)(?= |[.,:;!?\"')]|"
        r"$)"
        r"(?<!the instructions)(?<!the prompt)",
        r"\b(?:zeig|nenne?|wiederhole?|gib|verrate?|drucke?|schreibe?)\b(?: \w+){0,3}? (?:deine[nr]?|"
        r"den) (?:\w+ ){0,2}?"
        r"(?:system-?prompt|prompt|anweisungen|instruktionen|system-?anweisung\w*)\b",
    ),
    _signal(
        "tool call", 0.75,
        "arguments;parameters;args;input;kwargs;the tool ;das werkzeug ;tool_input;das tool ",
        rf"\{{ ?[\"'](?:name|function|tool|tool_name|recipient_name)[\"'] ?: ?[\"'][\w.-]+[\"'] ?, ?{_TOOL_KEYS} ?: "
        rf"?[{{\"']",
        rf"{_START}(?:call|invoke|run|use|execute|trigger) the tool [\"'`]?[a-z]+_\w+",
        r"\b(?:rufe?|nutze?|benutze?|verwende?|starte?) (?:jetzt |bitte )?das (?:werkzeug|tool) [\"'`]?[a-z]+_\w+",
    ),
    _signal(
        "answers", _MEDIUM,
        "answer;reply;replies;respon;summar;output;antwort;zusammenfassung;ausgabe",
        r"\b(?:in|to|at the end of|under|below|before|after|with|begin|close|end|start|finish|preface|prefix|precede|"
        r"must close|is how|beende|beginne|schliesse|unter|an|mit|vor|nach|am ende) (?:of )?"
        r"(?:(?:each|every|all|any) (?:\w+ )?(?:answers?|repl(?:y|ies)|responses?|summar(?:y|ies)|outputs?)|"
        r"(?:jede[rnms]?|alle[rn]?) (?:\w+ )?(?:antwort(?:en)?|zusammenfassung(?:en)?|ausgaben?))\b",
        r"\b(?:answer|reply to|respond to) (?:every|each|all|any) (?:questions?|messages?|requests?|users?) with\b",
        r"\b(?:every|each) (?:answer|reply|response|summary) (?:must|has to|should|will|needs to|begins?|ends?) \w+",
        r"\bjede (?:antwort|zusammenfassung) (?:muss|hat|soll|endet|beginnt) \w+",
    ),
    _signal(
        "answers", _WEAK,
        "your answer;your reply;your respon;your summary;your output;deine antwort;deiner antwort;deine "
        "zusammenfassung;"
        "deiner zusammenfassung;your final",
        r"\b(?:append|add|insert|include|attach|put|write|say|show|repeat|mention|embed|end|begin|start|prefix|"
        r"hange?|fuge?|"
        r"schreibe?|erwahne|beende|beginne|baue?|nimm)\b.{0,80}?\b(?:your|deine[rnms]?) (?:\w+ )?"
        r"(?:answers?|reply|responses?|summary|output|antwort(?:en)?|zusammenfassung|ausgabe)\b",
        r"\b(?:end|begin|start|finish|beende|beginne) (?:your|deine) (?:\w+ )?(?:answer|reply|response|summary|"
        r"output|antwort|"
        r"zusammenfassung)\b",
    ),
    _signal(
        "say", _WEAK,
        "say;repeat after;reply with;respond with;answer with;answer only;print;output;tell the user;tell them;tell "
        "people;"
        "tell readers;sage;sag ;antworte;gib ;write only;tell everyone;reply only;respond only;wiederhole;schreib",
        rf"{_START}(?:always |only |immer |stets )?(?:say|repeat after me|print|output|sage?|antworte|wiederhole|"
        r"gib aus|schreibe? nur)\b ?(?:only|always|exactly|nur|immer|stets|exakt)? ?[:\"'<\[({`]",
        r"\b(?:reply|respond|answer) (?:only |always )?with (?:only |just |exactly |the (?:word|words|text|phrase|"
        r"sentence) )",
        r"\b(?:antworte|sage?) (?:immer|nur|stets|ausschliesslich|einfach)\b",
        rf"{_START}(?:always |never )?tell (?:the users?|them|people|readers|everyone|whoever asks)\b",
    ),
    _signal("repeat", _MEDIUM, "repeat after me;sprich mir nach", r"\brepeat after me\b|\bsprich mir nach\b"),
    _signal(
        "when asked", _WEAK,
        "asked;asks;you answer;answering;you summari;summari;you respond;you reply;gefragt;antwortest;zusammenfass;"
        "fragt",
        r"\b(?:when|whenever|if|before|while|once) (?:you (?:are asked|answer|respond|reply|summari[sz]e|"
        r"are summari[sz]ing|"
        r"read this|process this)|(?:someone|anyone|anybody|a user|the user|users?) asks?|answering|"
        r"summari[sz]ing)\b",
        r"\b(?:wenn|sobald|falls|bevor) (?:du (?:\w+ ){0,4}?(?:gefragt|antwortest|zusammenfasst|liest)|(?:jemand|"
        r"der nutzer|"
        r"die nutzerin|ein nutzer)(?: \w+){0,4} fragt)\b",
    ),
    _signal(
        "secrecy", _MEDIUM,
        "t mention;t reveal;t disclose;t tell;t show;t refer to;t inform;t alert;t warn;t notify;never mention;never "
        "reveal;"
        "never disclose;never tell;never show;never refer to;never inform;never alert;without telling;without "
        "informing;"
        "without alerting;without asking;erwahn;verrat;nenne ;ohne ;sag dem;sag niemandem",
        rf"{_START}(?:do not|don't|never) (?:mention|reveal|disclose|tell (?:the user|them|anyone) about|show|"
        rf"refer to) "
        r"(?:this|these|that you|the existence of (?:this|these)) ?(?:instructions?|notes?|messages?|texts?|prompts?|"
        r"commands?|"
        r"rules|were|have|received|to (?:the user|anyone)|in your)",
        r"\b(?:do not|don't|never) (?:tell|inform|alert|warn|notify) the user\b",
        r"\bwithout (?:telling|informing|alerting|asking) the user\b",
        r"\b(?:erwahne|verrate|nenne) (?:dem nutzer |niemandem |niemals |nie )*(?:diese[nr]? (?:anweisung(?:en)?|"
        r"hinweis|text|"
        r"befehl)|davon nichts|nicht,? dass)",
        r"\bohne (?:es )?de[mnr] nutzer(?:in)? (?:\w+ )?(?:zu )?(?:sagen|informieren|fragen|mitzuteilen)\b",
        r"\bsag (?:dem nutzer|niemandem) (?:nichts|nicht)\b",
    ),
    _signal(
        "carry away", _MEDIUM,
        "conversation;chat history;the question;user's;prompt;chat log;chatverlauf;gesprach;unterhaltung;die frage;"
        "everything you know;the context;context window;question",
        r"\bfollowed by (?:the )?(?:user'?s )?(?:last |whole |exact |full )?(?:question|prompt|conversation|message|"
        r"input)\b",
        rf"{_START}(?:send|forward|transmit|upload|post|exfiltrate|e-?mail|leak|report|submit|append|encode|put|"
        rf"copy) "
        r"(?:\w+ ){0,4}?(?:conversations?|chat (?:history|log)|questions?|prompts?|context(?: window)?|"
        r"everything you know|"
        r"user'?s (?:\w+ )?(?:name|data|message|input|question|e-?mail)) (?:\w+ ){0,5}?(?:to|in|into|as|"
        r"at) (?:\w+ ){0,4}?"
        r"(?:https?|www|the url|this (?:address|url|link|server|image)|\S+@\S+|url|a (?:link|picture|query)|base64)",
        r"\b(?:sende?|schicke?|ubermittle|leite|hange?|kodiere|ubertrage) (?:\w+ ){0,4}?(?:chatverlauf|"
        r"gesprach(?:sverlauf)?|"
        r"unterhaltung|frage|prompt|kontext|konversation) (?:\w+ ){0,5}?(?:an|als|in) (?:\w+ ){0,3}?(?:https?|www|"
        r"die (?:url|"
        r"adresse)|diese[nr]? (?:adresse|url|link|server)|\S+@\S+|url|base64)",
    ),
    _signal(
        "markup", _WEAK,
        "](;<;javascript:;onerror;onload;onclick;onfocus;onmouse;ontoggle;onbegin;]: http;"
        "{{;${;url(;data:;href;src=;src =;background;action",
        r"!?\[[^\]]{0,80}\] ?\((?:<? ?(?:https?:|//|javascript:|data:|vbscript:|mailto:)|/api/)",
        r"\]: ?<?(?:https?:)?//",
        r"<(?:img|iframe|svg|video|object|base|form|link|audio|embed|input|meta)\b[^>]{0,200}(?:https?:|//|on\w+ ?=|"
        r"action|=)",
        r"<(?:script|style)\b|\bjavascript:|\bdata:text/html|\bon(?:error|load|click|focus|mouse\w+|toggle|begin) ?=|"
        r"\burl\([\"']?(?:https?:|//)|\b(?:href|src|action|background|srcset) ?= ?[\"']?(?:https?:|//|/)",
        r"\{\{.{1,60}?\}\}|<%=|\$\{.{1,40}?\}",
    ),
    _signal(
        "aside", _WEAK,
        "instead;this candidate;this applicant;this paper;this resume;system prompt;developer mode;god mode;dieser "
        "bewerber;"
        "diesen bewerber;diese bewerbung;this document;this submission;unrestricted;cite it;cite this;zitiere als;"
        "before you;"
        "statt dessen;stattdessen;jailbreak;obey;gehorche",
        r"\b(?:recommend|rate|rank|score|hire|accept|prefer|approve) (?:\w+ )?this (?:candidate|applicant|paper|"
        r"resume|submission|"
        r"application|proposal)\b",
        r"\b(?:empfiehl|bewerte|bevorzuge) (?:\w+ )?(?:diese[nr]? )(?:bewerber(?:in)?|bewerbung|kandidat(?:en|in)?|"
        r"angebot)\b",
        r"\b(?:system ?prompt|developer mode|god mode|jailbreak)\b",
        rf"{_START}(?:cite (?:it|this|that) as|zitiere (?:es |das )?als|obey|gehorche)\b",
        rf"{_START}(?:search|open|quote|read|use) (?:\w+ ){{1,5}}?(?:instead|and say)\b",
        r"\bbefore you (?:answer|respond|reply)\b|\bbevor du antwortest\b",
    ),
)  # fmt: skip
