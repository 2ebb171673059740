"""The catalogue: each vendor's real refusal leads to its entry; every code that can be raised has words."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from app import errors
from app.catalogue import BY_REMEDY, FLAGS, OWN, VENDORS, explain, explain_flag
from app.catalogue.causes import NOBODY, WAIT
from app.connectors.bigcommerce import client as bigcommerce
from app.connectors.registry import VENDORS as CRMS
from app.connectors.salesforce import errors as salesforce
from app.connectors.sap_sales_cloud import errors as sap
from app.connectors.sugarcrm import errors as sugarcrm
from app.errors import StorelineError
from tests.unit.catalogue import answers

ROOT = Path(__file__).parents[3]
APART = ("catalogue", "sandbox", "migrations", "demo", "chaos")  # data, stand-ins, scripts: nothing of the engine's
HOMES = {"bigcommerce": "bigcommerce", "salesforce": "salesforce", "sap_sales_cloud": "sap-sales-cloud"}
ANSWERS = {
    "bigcommerce": answers.BIGCOMMERCE,
    "salesforce": answers.SALESFORCE,
    "sap-sales-cloud": answers.SAP,
    "sugarcrm": answers.SUGARCRM,
}


def translated(vendor: str, status: int, body: Any) -> StorelineError:
    """What the vendor's connector makes of an answer."""
    if vendor == "salesforce":
        return salesforce.translate(body, status)
    if vendor == "sugarcrm":
        return sugarcrm.translate(status, body)
    if vendor == "sap-sales-cloud":
        return sap.translate(status, body)
    response = requests.Response()
    response.status_code = status
    response._content = (body if isinstance(body, str) else json.dumps(body)).encode()
    return bigcommerce.translate(response)


CASES = [(vendor, code, *answer) for vendor, known in ANSWERS.items() for code, answer in known.items()]


@pytest.mark.parametrize(("vendor", "code", "status", "body"), CASES, ids=lambda value: str(value)[:40])
def test_a_real_refusal_leads_to_its_entry(vendor: str, code: str, status: int, body: Any) -> None:
    error = translated(vendor, status, body)
    entry = VENDORS[vendor][code]
    assert (error.code, error.remedy) == (code, entry.remedy)
    assert explain(error.code, error.remedy, vendor=vendor) == entry.cause
    assert (entry.cause.who == NOBODY) <= (entry.remedy == WAIT)  # what only a person mends is never "nobody's"
    assert entry.source


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_entry_has_a_refusal_that_leads_to_it(vendor: str) -> None:
    assert set(ANSWERS[vendor]) == set(VENDORS[vendor])


def test_the_vendors_are_those_that_there_are() -> None:
    assert set(VENDORS) == {"bigcommerce", *CRMS}
    assert sum(map(len, VENDORS.values())) >= 60
    assert all(len(entries) >= 12 for entries in VENDORS.values())


def test_every_explanation_is_complete() -> None:
    for explanation in {*OWN.values(), *FLAGS.values(), *BY_REMEDY.values(), *_causes()}:
        assert explanation.words.endswith("."), explanation
        assert explanation.advice.endswith("."), explanation
        assert explanation.who


def _causes() -> Iterator[Any]:
    return (entry.cause for entries in VENDORS.values() for entry in entries.values())


@pytest.mark.parametrize("remedy", BY_REMEDY)
def test_an_unknown_code_is_explained_by_its_remedy(remedy: str) -> None:
    assert explain("NEVER_HEARD_OF", remedy, vendor="sugarcrm") == BY_REMEDY[remedy]


def test_every_kind_of_error_has_a_remedy_with_words() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, StorelineError)]
    assert {kind.remedy for kind in kinds} == set(BY_REMEDY)


def test_several_vendors_use_the_same_code_for_different_things() -> None:
    assert explain("HTTP_404", "data", vendor="sap-sales-cloud") != explain("HTTP_404", "wait", vendor="sugarcrm")
    assert explain("BC_422", "data", vendor="sugarcrm") == VENDORS["bigcommerce"]["BC_422"].cause


# ---- what the code can raise

Place = tuple[str, int]  # file and line


def _modules() -> dict[Path, ast.Module]:
    paths = [path for path in (ROOT / "app").rglob("*.py") if path.relative_to(ROOT / "app").parts[0] not in APART]
    return {path: ast.parse(path.read_text()) for path in paths}


MODULES = _modules()


def _constants() -> dict[str, str]:
    """Texts under a name in capitals, in whichever module: NO_JSON = "NO_JSON"."""
    found: dict[str, str] = {}
    for module in MODULES.values():
        for node in module.body:
            if isinstance(node, ast.Assign):
                found |= dict(_named(node))
    return found


def _named(node: ast.Assign) -> Iterator[tuple[str, str]]:
    for target in node.targets:
        pairs = (
            zip(target.elts, node.value.elts, strict=True)
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
            else [(target, node.value)]
        )
        for name, value in pairs:
            if isinstance(name, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield name.id, value.value


CONSTANTS = _constants()


def _text(node: ast.expr) -> str | None:
    """A text that is written out or has a name; None: it is put together when the code runs."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return CONSTANTS.get(name) if name.isupper() else None


def _calls() -> Iterator[tuple[Path, ast.Call, str]]:
    for path, module in MODULES.items():
        for node in ast.walk(module):
            if isinstance(node, ast.Call):
                function = node.func
                name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
                yield path, node, name


def _vendor(path: Path) -> str:
    parts = path.relative_to(ROOT / "app").parts
    return HOMES.get(parts[1], parts[1]) if parts[0] == "connectors" and len(parts) > 2 else ""


def _raised() -> Iterator[tuple[str, str, Place]]:
    for path, call, _ in _calls():
        for keyword in call.keywords:
            code = _text(keyword.value) if keyword.arg == "code" else None
            if code:
                yield _vendor(path), code, (path.name, call.lineno)


def test_every_code_that_is_raised_is_known() -> None:
    unknown = [
        (code, place)
        for vendor, code, place in _raised()
        if code not in VENDORS.get(vendor, {}) and code not in OWN and code not in VENDORS["bigcommerce"]
    ]
    assert unknown == []


def test_every_flag_is_known() -> None:
    raised = {
        (_text(call.args[0]), path.name, call.lineno) for path, call, name in _calls() if name == "Flag" and call.args
    }
    assert {flag for flag in raised if flag[0] not in FLAGS} == set()
    assert {code for code, _, _ in raised} == set(FLAGS)  # and none that nobody raises
    assert explain_flag("NEVER_HEARD_OF").words


def test_every_own_code_can_be_met() -> None:
    written = {
        node.value
        for module in MODULES.values()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(OWN) - written == set()


def test_codes_that_are_put_together_are_the_vendors() -> None:
    """Elsewhere a code is written out, so that the tests above see it."""
    loose = {
        path.relative_to(ROOT).as_posix()
        for path, call, name in _calls()
        for keyword in call.keywords
        if keyword.arg == "code" and name in KINDS and _text(keyword.value) is None and not _hands_on(keyword.value)
    }
    assert loose <= {
        "app/connectors/addresses.py",  # ADDRESS and what its function is handed
        "app/connectors/bigcommerce/auth.py",  # the kind of a forged payload; nobody is told
        "app/connectors/bigcommerce/client.py",
        "app/connectors/salesforce/auth.py",
        "app/connectors/salesforce/errors.py",
        "app/connectors/salesforce/listener.py",  # a gRPC status; the poll takes over
        "app/connectors/sap_sales_cloud/errors.py",
        "app/connectors/sugarcrm/client.py",
        "app/connectors/sugarcrm/errors.py",
        "app/oauth/views.py",  # what a consent page sent back
    }


KINDS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, StorelineError)}


def _hands_on(node: ast.expr) -> bool:
    """Whether the code is another error's."""
    return isinstance(node, ast.Attribute) and node.attr == "code"
