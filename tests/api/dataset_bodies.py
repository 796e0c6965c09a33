"""Dataset files and forms as bytes, whole ones and bad ones."""

import codecs
import gzip
import io
import json
import pickle
import zipfile

BOUNDARY = "b0undary"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
TABLE = "text/csv"
CANARY = "zq81canary"

TEXTS = "id,text,label\nn-1,Can I pay by phone?,apple_pay\nn-2,Where is it?,delivery\n"
HOURS = "id,temp,sky,label\nh-1,20.5,rain,low\nh-2,7,clear,high\n"


def part(content, *, name="file", filename="rows.csv", **headers):
    """One part of a form; without ``filename`` it is a field."""
    content = content.encode() if isinstance(content, str) else content
    filename = b"" if filename is None else b'; filename="%b"' % filename.encode()
    lines = [b'Content-Disposition: form-data; name="%b"%b' % (name.encode(), filename)]
    lines += [f"{key.replace('_', '-')}: {value}".encode() for key, value in headers.items()]
    return b"\r\n".join([*lines, b"", content])


def form(*parts, end=b"--\r\n"):
    """The parts between their boundaries; ``end`` closes the last one."""
    mark = f"--{BOUNDARY}".encode()
    return b"".join(mark + b"\r\n" + each + b"\r\n" for each in parts) + mark + end


def field(name, value):
    return part(value, name=name, filename=None)


def workbook():
    """The beginning of any xlsx: a zip."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as file:
        file.writestr("xl/workbook.xml", "<workbook/>")
    return whole.getvalue()


def table(*rows, header="id,temp,sky,label"):
    return "\n".join([header, *rows, ""]).encode()


STRANGE = table(f"a,1,x,y,{CANARY}", header=f"id,temp,sky,label,{CANARY}")
WIDE = ",".join(f"c{number}" for number in range(10_000))

BAD_TABLES = [
    # what, file, status, code, pointer, line, column
    ("empty", b"", 422, "empty", "", 1, 1),
    ("blank", b" \n\n", 422, "empty", "", 1, 1),
    ("header only", table(), 422, "no_rows", "", 2, 1),
    ("header twice", table("a,1,2,low", header="id,temp,temp,label"), 422, "duplicate_header", "", 1, 3),
    ("one too many", table("a,1,rain,low,9", "b,2,rain,low,9"), 422, "ragged", "/0", 2, 5),
    ("ragged", table("a,1,rain,low", "b,2,rain"), 422, "ragged", "/1", 3, 4),
    ("open quote", table("a,1,rain,low", 'b,2,"rain,low'), 422, "not_csv", "", 3, 3),
    ("half quote", table('a,1,"ra"in,low'), 422, "not_csv", "", 2, 3),
    ("semicolons", b"id;temp;sky;label\na;1;rain;low\n", 422, "separator", "", 1, 1),
    ("semicolons, commas", b"id;temp;sky;label\na;1,5;rain;low\n", 422, "separator", "", 1, 1),
    ("decimal comma", table('a,"1,5",rain,low'), 422, "not_a_number", "/0/temp", 2, 2),
    ("bare decimal comma", table("a,1,5,rain,low"), 422, "ragged", "/0", 2, 5),
    ("UTF-16", codecs.BOM_UTF16_LE + HOURS.encode("utf-16-le"), 422, "not_utf8", "", 1, 1),
    ("UTF-16 without mark", HOURS.encode("utf-16-le"), 422, "nul", "", 1, 1),
    ("Latin-1", table("a,1,rain,low") + b"b,1,s\xfcd,low\n", 422, "not_utf8", "", 3, 3),
    ("NUL", table("a,1,ra\0in,low"), 422, "nul", "", 2, 3),
    ("inf", table("a,1,rain,low", "b,inf,rain,low"), 422, "not_a_number", "/1/temp", 3, 2),
    ("1e999", table("a,1e999,rain,low"), 422, "not_a_number", "/0/temp", 2, 2),
    ("NA for a number", table("a,NA,rain,low"), 422, "not_a_number", "/0/temp", 2, 2),
    ("2^53+1 as a number", table("a,9007199254740993,x,low"), 422, "not_exact", "/0/temp", 2, 2),
    ("no label", table("a,1,rain,low", "b,1,rain,"), 422, "missing", "/1/label", 3, 4),
    ("no label column", table("a,1,rain", header="id,temp,sky"), 422, "missing_column", "/label", 1, None),
    ("a strange column", STRANGE, 422, "unexpected_column", "", 1, 5),
    ("an id twice", table("a,1,rain,low", "a,2,rain,low"), 422, "duplicate_id", "/1/id", 3, 1),
    ("one class", table("a,1,rain,low", "b,2,rain,low"), 422, "one_class", "/label", 2, None),
    ("10,000 columns", f"{WIDE}\n{WIDE}\n".encode(), 413, "too_many_columns", "", 1, 1001),
    ("a long cell", table(f"a,1,{'x' * 1_000_001},low"), 413, "cell_too_long", "", 2, None),
    ("pickle", pickle.dumps([{"text": CANARY}]), 415, "binary", "", None, None),
    ("old pickle", pickle.dumps([CANARY], protocol=2), 415, "binary", "", None, None),
    ("xlsx", workbook(), 415, "binary", "", None, None),
    ("gzip without a word", gzip.compress(HOURS.encode()), 415, "binary", "", None, None),
]  # fmt: skip

GOOD = part(TEXTS)
TWICE = gzip.compress(gzip.compress(TEXTS.encode()))


def encoded_name(name):
    """The good part, its file's name written as RFC 8187 has it."""
    return GOOD.replace(b'filename="rows.csv"', b"filename*=UTF-8''" + name)


BAD_FORMS = [
    # what, body, status, code
    ("no closing boundary", form(GOOD, end=b"\r\n"), 400, "not_closed"),
    ("nothing behind the file", form(GOOD)[: -len(BOUNDARY) - 8], 400, "not_closed"),
    ("a cut boundary", form(GOOD)[:-5], 400, "not_closed"),
    ("half a closing", form(GOOD, end=b"-"), 400, "not_closed"),
    ("something behind it", form(GOOD) + CANARY.encode(), 400, "bad_form"),
    ("something before it", CANARY.encode() + b"\r\n" + form(GOOD), 400, "bad_form"),
    ("another boundary", form(GOOD).replace(BOUNDARY.encode(), b"other"), 400, "not_closed"),
    ("no parts", form(), 400, "bad_form"),
    ("no file", form(field("reason", "x")), 400, "bad_form"),
    ("two files", form(GOOD, GOOD), 400, "bad_form"),
    ("a strange field", form(GOOD, field("client_id", "2")), 400, "unknown_field"),
    ("a field for ever", form(GOOD, field("reason", "x" * 5000)), 400, "bad_form"),
    ("a part without a head", form(b"\r\n" + TEXTS.encode()), 400, "bad_form"),
    ("a part without a name", form(b"Content-Type: text/csv\r\n\r\nx"), 400, "bad_form"),
    ("a head twice", form(b"X-A: 1\r\n" * 2 + GOOD), 400, "bad_form"),
    ("a reason in Latin-1", form(GOOD, part(b"\xfc", name="reason", filename=None)), 400, "not_utf8"),
    ("base64", form(part("aWQ=", Content_Transfer_Encoding="base64")), 415, "unsupported_encoding"),
    ("an address for a file", form(field("file", "https://example.com/rows.csv")), 400, "not_a_file"),
    ("a path for a file", form(field("file", "/etc/passwd")), 400, "not_a_file"),
    *(
        (f"{name!r} for a name", form(part(TEXTS, filename=name)), 400, "bad_name")
        for name in ("../rows.csv", "/etc/rows.csv", "..\\\\rows.csv", "C:rows.csv", "a\0.csv", "",
                     "..", "https://example.com/rows.csv", "file:///rows.csv", "x" * 252 + ".csv")
    ),
    ("an encoded path", form(encoded_name(b"..%2Frows.csv")), 400, "bad_name"),
    ("an encoded NUL", form(encoded_name(b"a%00.csv")), 400, "bad_name"),
    ("xlsx by name", form(part(TEXTS, filename="rows.xlsx")), 415, "unsupported_media_type"),
    ("pickle by name", form(part(TEXTS, filename="rows.pkl")), 415, "unsupported_media_type"),
    ("xlsx named .csv", form(part(workbook())), 415, "binary"),
    ("pickle zipped", form(part(gzip.compress(pickle.dumps(1)), filename="a.csv.gz")), 415, "binary"),
    ("zipped twice", form(part(TWICE, filename="a.csv.gz")), 400, "stacked_gzip"),
    ("a cut gzip", form(part(gzip.compress(TEXTS.encode())[:-9], filename="a.csv.gz")), 400, "corrupt_gzip"),
    ("another SHA-256", form(GOOD, field("sha256", "0" * 64)), 422, "digest_mismatch"),
    ("no SHA-256", form(GOOD, field("sha256", CANARY)), 400, "bad_digest"),
]  # fmt: skip

ROW = {"id": "j-1", "text": "Where is it?", "label": "delivery"}
BAD_JSON = [
    # what, body, status
    ("NaN", json.dumps([ROW]).replace('"Where is it?"', "NaN"), 400),
    ("a NUL", json.dumps([ROW | {"text": f"{CANARY}\0"}]), 400),
    ("half a character", json.dumps([ROW | {"label": "\ud800"}]), 400),
    ("truncated", json.dumps([ROW])[:-4], 400),
    ("a list for a row", json.dumps([[CANARY]]), 400),
    ("a strange envelope", json.dumps({"rows": [ROW], "client_id": 2}), 400),
    ("an open envelope", json.dumps({"rows": [ROW]})[:-1], 400),
    ("a number for a text", json.dumps([ROW | {"text": 7}]), 422),
    ("a strange key", json.dumps([ROW, ROW | {"id": "j-2", CANARY: 1}]), 422),
    ("a number for an id", json.dumps([ROW | {"id": 7}]), 422),
    ("nothing in it", "[]", 422),
]
