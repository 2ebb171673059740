"""SOQL text to a tree."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from app.sandbox.salesforce.errors import ApiError

Path = tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """A function over a field: COUNT(Id), SUM(Amount), CALENDAR_YEAR(CreatedDate)."""

    name: str
    path: Path


@dataclass(frozen=True)
class Literal:
    """A value: kind is text, number, bool, null, date, datetime or range (a date literal)."""

    kind: str
    value: Any


@dataclass(frozen=True)
class Compare:
    """A left side, an operator, a literal, a list of them, or a semi-join."""

    left: Path | Call
    op: str
    right: Literal | list[Literal] | Query


@dataclass(frozen=True)
class Logic:
    """AND, OR, NOT over conditions."""

    op: str
    parts: list[Any]


@dataclass
class Selected:
    """One selected column."""

    what: Path | Call | Query
    alias: str = ""


@dataclass(frozen=True)
class Order:
    """One sort key."""

    by: Path | Call
    descending: bool
    nulls_last: bool


@dataclass
class Query:
    """A whole statement."""

    selected: list[Selected] = field(default_factory=list)
    source: str = ""
    alias: str = ""
    where: Compare | Logic | None = None
    group_by: list[Path | Call] = field(default_factory=list)
    having: Compare | Logic | None = None
    order_by: list[Order] = field(default_factory=list)
    limit: int | None = None
    offset: int = 0
    just_count: bool = False


_TOKENS = re.compile(
    r"""\s*(?:
    (?P<text>'(?:[^'\\]|\\.)*')
  | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
  | (?P<date>\d{4}-\d\d-\d\d)
  | (?P<number>[+-]?\d+(?:\.\d+)?)
  | (?P<range>[A-Za-z_]+:\d+)
  | (?P<word>[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*)
  | (?P<op><=|>=|!=|<>|=|<|>|\(|\)|,)
)""",
    re.X,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
CLAUSES = {"where", "group", "having", "order", "limit", "offset", "for", "all", "with", "using"}
AGGREGATES = {"count", "count_distinct", "sum", "avg", "min", "max"}
RANGES = re.compile(
    r"(?:today|yesterday|tomorrow|(?:this|last|next)_(?:week|month|quarter|year)|(?:last|next)_90_days"
    r"|(?:last|next)_n_(?:days|weeks|months|years):\d+|n_days_ago:\d+)",
    re.I,
)


@dataclass(frozen=True)
class Token:
    """A word of the statement and where it stands."""

    kind: str
    text: str
    at: int


def tokens(text: str) -> list[Token]:
    """Split a statement; MALFORMED_QUERY for what belongs to no token."""
    found: list[Token] = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKENS.match(text, at)
        if match is None:
            raise malformed(text, at, f"unexpected token: '{text[at:].strip()[:1]}'")
        kind = match.lastgroup or ""
        found.append(Token(kind, match.group(kind), match.start(kind)))
        at = match.end()
    return found


def malformed(text: str, at: int, what: str) -> ApiError:
    """MALFORMED_QUERY with an extract and a caret under the spot."""
    start = max(0, at - 30)
    extract = text[start : at + 30].replace("\n", " ")
    caret = " " * (at - start) + "^"
    return ApiError("MALFORMED_QUERY", f"\n{extract}\n{caret}\nERROR at Row:1:Column:{at + 1}\n{what}")


def unquote(text: str) -> str:
    """A string literal without its quotes and escapes; `\\%` and `\\_` keep theirs for LIKE."""
    return re.sub(r"\\(.)", lambda m: m[0] if m[1] in "%_" else _ESCAPES.get(m[1], m[1]), text[1:-1])


class Parser:
    """Recursive descent over the tokens of one statement."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._at = 0

    def query(self) -> Query:
        """The whole statement and nothing after it."""
        query = self._query()
        if self._peek() is not None:
            raise self._unexpected()
        return query

    def only_condition(self) -> Compare | Logic:
        """A condition by itself, as validation rules give it."""
        found = self._condition()
        if self._peek() is not None:
            raise self._unexpected()
        return found

    def _peek(self, ahead: int = 0) -> Token | None:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else None

    def _is(self, *words: str) -> bool:
        token = self._peek()
        return token is not None and token.kind in ("word", "op") and token.text.lower() in words

    def _take(self) -> Token:
        token = self._peek()
        if token is None:
            raise malformed(self._text, len(self._text), "unexpected token: '<EOF>'")
        self._at += 1
        return token

    def _accept(self, word: str) -> bool:
        if self._is(word):
            self._at += 1
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            raise self._unexpected()

    def _unexpected(self) -> ApiError:
        token = self._peek()
        at = token.at if token else len(self._text)
        return malformed(self._text, at, f"unexpected token: '{token.text if token else '<EOF>'}'")

    def _query(self) -> Query:
        query = Query()
        self._expect("select")
        query.selected.append(self._column())
        while self._accept(","):
            query.selected.append(self._column())
        self._expect("from")
        query.source = self._path_text()
        token = self._peek()
        if token is not None and token.kind == "word" and token.text.lower() not in CLAUSES:
            self._accept("as")
            query.alias = self._take().text
        first = query.selected[0].what
        query.just_count = len(query.selected) == 1 and first == Call("count", ())
        self._clauses(query)
        return query

    def _clauses(self, query: Query) -> None:
        if self._accept("using"):
            self._at += 2
        if self._accept("where"):
            query.where = self._condition()
        if self._accept("with"):
            self._take()
        if self._accept("group"):
            self._expect("by")
            query.group_by = [self._operand()]
            while self._accept(","):
                query.group_by.append(self._operand())
        if self._accept("having"):
            query.having = self._condition()
        if self._accept("order"):
            self._expect("by")
            query.order_by = [self._order()]
            while self._accept(","):
                query.order_by.append(self._order())
        self._limits(query)

    def _limits(self, query: Query) -> None:
        if self._accept("limit"):
            query.limit = self._integer()
        if self._accept("offset"):
            query.offset = self._integer()
            if query.offset > 2000:
                raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")
        if self._accept("for"):
            self._take()
        if self._accept("all"):
            self._expect("rows")

    def _integer(self) -> int:
        token = self._peek()
        if token is None or token.kind != "number" or not token.text.isdigit():
            raise self._unexpected()
        return int(self._take().text)

    def _path_text(self) -> str:
        token = self._peek()
        if token is None or token.kind != "word":
            raise self._unexpected()
        return self._take().text

    def _column(self) -> Selected:
        if self._accept("("):
            inner = self._query()
            self._expect(")")
            return Selected(inner)
        column = Selected(self._operand())
        token = self._peek()
        if token is not None and token.kind == "word" and token.text.lower() != "from":
            column.alias = self._take().text
        return column

    def _operand(self) -> Path | Call:
        name = self._path_text()
        if not self._accept("("):
            return tuple(name.split("."))
        if self._accept(")"):
            return Call(name.lower(), ())
        inner = self._operand()
        self._expect(")")
        return Call(name.lower(), inner if isinstance(inner, tuple) else inner.path)

    def _order(self) -> Order:
        by = self._operand()
        descending = self._accept("desc")
        if not descending:
            self._accept("asc")
        nulls_last = False
        if self._accept("nulls"):
            nulls_last = self._accept("last")
            if not nulls_last:
                self._expect("first")
        return Order(by, descending, nulls_last)

    def _condition(self) -> Compare | Logic:
        first = self._term()
        parts = [first]
        op = "and" if self._is("and") else "or"
        while self._accept(op):
            parts.append(self._term())
        if self._is("and", "or"):
            raise self._unexpected()  # AND and OR mix only with brackets
        return Logic(op, parts) if len(parts) > 1 else first

    def _term(self) -> Compare | Logic:
        if self._accept("not"):
            return Logic("not", [self._term()])
        if self._accept("("):
            inner = self._condition()
            self._expect(")")
            return inner
        left = self._operand()
        return Compare(left, *self._comparison())

    def _comparison(self) -> tuple[str, Literal | list[Literal] | Query]:
        op = self._take().text.lower()
        if op == "not":
            self._expect("in")
            op = "not in"
        if op not in ("=", "!=", "<>", "<", ">", "<=", ">=", "like", "in", "not in", "includes", "excludes"):
            self._at -= 1
            raise self._unexpected()
        if op not in ("in", "not in", "includes", "excludes"):
            return "!=" if op == "<>" else op, self._literal()
        self._expect("(")
        if self._is("select"):
            inner: Query | list[Literal] = self._query()
        else:
            inner = [self._literal()]
            while self._accept(","):
                inner.append(self._literal())
        self._expect(")")
        return op, inner

    def _literal(self) -> Literal:
        token = self._take()
        lower = token.text.lower()
        if token.kind == "text":
            return Literal("text", unquote(token.text))
        if token.kind in ("number", "date", "datetime"):
            return Literal(token.kind, token.text)
        if lower in ("true", "false"):
            return Literal("bool", lower == "true")
        if lower == "null":
            return Literal("null", None)
        if RANGES.fullmatch(lower):
            return Literal("range", lower)
        self._at -= 1
        raise self._unexpected()
