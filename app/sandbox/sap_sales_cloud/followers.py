"""Read-only twins that follow a business partner: its name, e-mail address or UUID beside its human id."""

from __future__ import annotations

from app.sandbox.sap_sales_cloud.model import EntityType, Party

# these hold the employee's number, at least by their name; documents hold the business partner number
BY_EMPLOYEE_NUMBER = frozenset({"OwnerID", "ContactOwnerID", "EmployeeID", "AuthorID"})
# read-only twins that follow a partner: (entity, property) → (id property, what)
FOLLOWERS = {
    ("Tasks", "AccountUUID"): ("MainAccountPartyID", "uuid"),
    ("Tasks", "OwnerUUID"): ("MainEmployeeResponsiblePartyID", "uuid"),
    ("Tasks", "PrimaryContactUUID"): ("MainContactPartyID", "uuid"),
    ("Tasks", "ProcessorUUID"): ("ProcessorPartyID", "uuid"),
    ("Tasks", "ProcessorPartyName"): ("ProcessorPartyID", "name"),
    ("Tasks", "ProcessorEmailURI"): ("ProcessorPartyID", "email"),
    ("Appointment", "Account"): ("MainAccountPartyID", "uuid"),
    ("Appointment", "Owner"): ("OwnerPartyID", "uuid"),
    ("Appointment", "PrimaryContact"): ("MainContactPartyID", "uuid"),
    ("Appointment", "OrganizerUUID"): ("OrganizerPartyID", "uuid"),
    ("Appointment", "OrganizerPartyName"): ("OrganizerPartyID", "name"),
    ("Appointment", "OrganizerEmailURI"): ("OrganizerPartyID", "email"),
    ("AppointmentInvolvedParties", "PartyUUID"): ("PartyID", "uuid"),
    ("AppointmentInvolvedParties", "PartyEmailURI"): ("PartyID", "email"),
    ("AppointmentInvolvedParties", "EMail"): ("PartyID", "email"),
    ("AppointmentInvolvedParties", "Name"): ("PartyID", "name"),
    ("Lead", "AccountPartyUUID"): ("AccountPartyID", "uuid"),
    ("Lead", "ContactUUID"): ("ContactID", "uuid"),
    ("Lead", "OwnerPartyUUID"): ("OwnerPartyID", "uuid"),
    ("Lead", "OwnerUUIDSales"): ("OwnerPartyIDSales", "uuid"),
    ("CorporateAccount", "OwnerUUID"): ("OwnerID", "uuid"),
    ("IndividualCustomer", "OwnerUUID"): ("OwnerID", "uuid"),
    ("Contact", "ContactOwnerUUID"): ("ContactOwnerID", "uuid"),
    ("Contact", "AccountUUID"): ("AccountID", "uuid"),
}


def kind_of(name: str, party: Party) -> str:
    """What sort of partner a property takes."""
    return "owner" if name in BY_EMPLOYEE_NUMBER else party.kind


def followers(entity: EntityType) -> dict[str, tuple[str, str, str]]:
    """Property → the id property it follows, the sort of partner, and what it shows of it."""
    found = {
        party.name_property: (name, kind_of(name, party), "name")
        for name, party in entity.parties.items()
        if party.name_property
    }
    for (owner, name), (near, what) in FOLLOWERS.items():
        if owner == entity.name:
            found[name] = (near, kind_of(near, entity.parties[near]), what)
    return found
