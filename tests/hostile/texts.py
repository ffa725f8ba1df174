"""Text, web pages, Markdown and tables that nest, swell or point elsewhere."""

from tests.hostile.case import READ, Case, Lure, case

_EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def _page(inside: str) -> bytes:
    return f"<!DOCTYPE html><title>t</title><body><p>Harmless words</p>{inside}</body>".encode()


def _fetching(lure: Lure) -> bytes:
    url, secret = lure.url, lure.secret.as_uri()
    return _page(
        f"<meta http-equiv=refresh content='0;url={url}/1'><link rel=stylesheet href={url}/2><img src={url}/3>"
        f"<script src={url}/4></script><iframe src={secret}></iframe><object data={secret}></object>"
        f"<style>@import url({url}/5); p {{ background: url({url}/6) }}</style><base href={url}/><embed src=7>"
        f"<svg><image href='{url}/8'/><use href='{secret}#x'/></svg><video poster={url}/9></video>"
    )


def _fetching_markdown(lure: Lure) -> bytes:
    return (
        f"# Words\n\n![a]({lure.url}/10) ![b][x]\n\n[x]: {lure.secret.as_uri()}\n\n<img src={lure.url}/11>\n".encode()
    )


CASES: list[Case] = [
    case("nested.html", lambda _: _page("<div>" * 50_000 + "deep")),
    case("nested-tables.html", lambda _: _page("<table><tr><td>" * 5_000 + "deep")),
    case("nested-lists.html", lambda _: _page("<ul><li>" * 10_000 + "deep")),
    case("never-closed.html", lambda _: _page("<b><i><a href=x>" * 20_000)),
    case("links.html", lambda _: _page("<a href=https://example.org/x>word</a> " * 200_000), READ),
    case("spans.html", _page("<table><tr><td colspan=99999999 rowspan=99999999>a<td>b<tr><td>c</table>"), READ),
    case("many-spans.html", lambda _: _page("<table><tr>" + "<td colspan=999 rowspan=999>a" * 300 + "<tr><td>b" * 300)),
    case("selectors.html", lambda _: _page("<style>" + ".a{display:none}" * 50_000 + "{" * 50_000 + "</style>")),
    case("comment.html", lambda _: _page("<!--" + "-" * 500_000)),
    case("attributes.html", lambda _: _page("<p " + " ".join(f"a{n}=b" for n in range(20_000)) + ">words")),
    case("entities.html", lambda _: _page("&amp;lt;script&amp;gt;" * 50_000), READ),
    case("charset-lies.html", b"<!DOCTYPE html><meta charset=utf-16><p>words \xff\xfe\x00</p>"),
    case("charset-unknown.html", b"<!DOCTYPE html><meta charset=rot13><p>words</p>", READ),
    case("utf-7.html", b"<!DOCTYPE html><meta charset=utf-7><p>words +ADw-script+AD4-</p>", READ),
    case("fetching.html", _fetching, READ),
    case("fetching.md", _fetching_markdown, READ),
    case("quotes.md", lambda _: b">" * 50_000 + b" deep"),
    case("lists.md", lambda _: b"".join(b" " * n + b"- a\n" for n in range(2_000))),
    case("brackets.md", lambda _: b"[" * 100_000 + b"a" + b"](" * 100_000),
    case("stars.md", lambda _: b"*a **a " * 20_000),
    case("ticks.md", lambda _: b"".join(b"`" * n + b" " for n in range(1, 1_500))),
    case("columns.md", lambda _: b"|a" * 5_000 + b"|\n" + b"|-" * 5_000 + b"|\n" + b"|b" * 5_000 + b"|\n"),
    case("one-line.txt", lambda _: b"word " * 2_000_000, READ),
    case("one-word.txt", lambda _: b"w" * 2_000_000, READ),
    case("spaces.txt", lambda _: b" " * 19_000_000, "empty"),
    case("too-long.txt", lambda _: b"word " * 20_000_000, "parser_limit"),
    case("form-feeds.txt", lambda _: b"a\f" * 6_000, "parser_limit"),
    case("zero-bytes.txt", b"words\0more words", "unsupported"),
    case("surrogates.txt", b"\xff\xfe" + b"\x00\xd8" * 1000 + "words".encode("utf-16-le"), READ),
    case("odd.txt", b"\xff\xfew", "unsupported", READ),
    case("broken.txt", b"words \xc3\x28 \xf0\x28\x8c\x28 \xfe\xff", READ),
    case("overrides.txt", "words \u202egnp.exe\u2066 \u200b\U000e0041".encode(), READ),
    case("marks.txt", lambda _: ("a" + "\u0301" * 500_000).encode()),
    case("test-virus.txt", _EICAR, READ),
    case("quote.csv", lambda _: b'a,b\n1,"' + b"x,y\n" * 50_000),
    case("columns.csv", lambda _: b"a," * 500_000 + b"\n" + b"1," * 500_000 + b"\n"),
    case("formulas.csv", b"a,b\n=cmd|'/C calc'!A0,+1\n@SUM(1),-2\n", READ),
    case("records.csv", lambda _: b"a,b,c\n" + b"1,2,3\n" * 50_000),
    case("empty.pdf", b"", "empty"),
    case("byte.docx", b"P", READ, "corrupt", "unsupported"),
    case("program.pdf", b"\x7fELF\x02\x01\x01" + bytes(200), "corrupt"),
    case("script.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "unsupported"),
    case(
        "markup.xml",
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        "unsupported",
    ),
]
