"""Who may call: technical users of a communication arrangement and business users with their roles."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "sandbox-password"
TERRITORY = "NORTH"


@dataclass(frozen=True)
class User:
    """One user; business users are employees as well."""

    id: str
    name: str
    technical: bool = False  # needs no CSRF token
    denied: frozenset[str] = frozenset()  # business objects that the roles do not grant
    territory: str = ""  # sees only this sales territory and what it owns
    email: str = ""
    employee: str = ""
    partner: str = ""
    password: str = PASSWORD


USERS = {
    user.id: user
    for user in (
        User("sandbox", "sandbox", technical=True),
        User("mike", "Mike Summers", email="mike.summers@sandbox.example", employee="E1000", partner="8000000001"),
        User(
            "sales_only",
            "Sally Only",
            denied=frozenset({"Opportunity"}),
            email="sally.only@sandbox.example",
            employee="E1001",
            partner="8000000002",
        ),
        User(
            "north",
            "Nora North",
            territory=TERRITORY,
            email="nora.north@sandbox.example",
            employee="E1002",
            partner="8000000003",
        ),
    )
}
# employees who cannot log on: an account that is locked, and one whose validity has ended
OTHERS = (
    User("locked", "Lena Locked", email="lena.locked@sandbox.example", employee="E1003", partner="8000000004"),
    User("expired", "Egon Expired", email="egon.expired@sandbox.example", employee="E1004", partner="8000000005"),
)
