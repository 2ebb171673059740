"""Refusals as the vendors word them: by code, the status and the body in which it comes."""

from __future__ import annotations

from typing import Any

Answer = tuple[int, Any]


def rest(code: str, message: str, *fields: str, status: int = 400) -> Answer:
    """Salesforce's REST: an array."""
    return status, [{"errorCode": code, "message": message, "fields": list(fields)}]


def oauth(code: str, message: str, status: int = 400) -> Answer:
    """Salesforce's OAuth endpoints: an object."""
    return status, {"error": code, "error_description": message}


def label(name: str, status: int, message: str) -> Answer:
    """Sugar's: a label and words."""
    return status, {"error": name, "error_message": message}


def odata(message: str, status: int = 400, code: str = "") -> Answer:
    """SAP's: the code is mostly empty."""
    return status, {"error": {"code": code, "message": {"lang": "en", "value": message}}}


def v2(status: int, message: str) -> Answer:
    """BigCommerce's V2: an array."""
    return status, [{"status": status, "message": message}]


def v3(status: int, title: str, **errors: str) -> Answer:
    """BigCommerce's V3: a problem object."""
    return status, {"status": status, "title": title, "type": "about:blank", "errors": errors}


PAGE = "<html><body>Service Temporarily Unavailable</body></html>"

SALESFORCE: dict[str, Answer] = {
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": rest(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not all records were valid"
    ),
    "API_CURRENTLY_DISABLED": rest("API_CURRENTLY_DISABLED", "API is currently disabled", status=403),
    "API_DISABLED_FOR_ORG": rest("API_DISABLED_FOR_ORG", "API is not enabled for this Organization", status=403),
    "CANNOT_EXECUTE_FLOW_TRIGGER": rest("CANNOT_EXECUTE_FLOW_TRIGGER", "We can't save this record because a process"),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": rest(
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "OrderTrigger: execution of BeforeInsert"
    ),
    "CANNOT_UPDATE_CONVERTED_LEAD": rest("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead"),
    "DELETE_FAILED": rest("DELETE_FAILED", "You can't delete an activated order."),
    "DUPLICATES_DETECTED": rest("DUPLICATES_DETECTED", "Use one of these records?"),
    "DUPLICATE_EXTERNAL_ID": rest("DUPLICATE_EXTERNAL_ID", "2 records match the external id"),
    "DUPLICATE_VALUE": rest("DUPLICATE_VALUE", "duplicate value found: BC_Id__c duplicates value", "BC_Id__c"),
    "ENTITY_IS_DELETED": rest("ENTITY_IS_DELETED", "entity is deleted", status=404),
    "FAILED_ACTIVATION": rest("FAILED_ACTIVATION", "An order must have at least one product."),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": rest(
        "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Phone numbers begin with +44", "Phone"
    ),
    "FIELD_FILTER_VALIDATION_EXCEPTION": rest("FIELD_FILTER_VALIDATION_EXCEPTION", "Value does not exist", "AccountId"),
    "FIELD_INTEGRITY_EXCEPTION": rest("FIELD_INTEGRITY_EXCEPTION", "field integrity exception: AccountId", "AccountId"),
    "INSUFFICIENT_ACCESS": rest("INSUFFICIENT_ACCESS", "insufficient access rights"),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": rest(
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access rights on cross-reference id"
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": rest(
        "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", status=403
    ),
    "INVALID_AUTH_HEADER": rest("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE", status=401),
    "INVALID_CROSS_REFERENCE_KEY": rest("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
    "INVALID_EMAIL_ADDRESS": rest("INVALID_EMAIL_ADDRESS", "Email: invalid email address: jane@shop", "Email"),
    "INVALID_FIELD": rest("INVALID_FIELD", "No such column 'BC_Net__c' on sobject of type Order"),
    "INVALID_FIELD_FOR_INSERT_UPDATE": rest(
        "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: BC_Net__c", "BC_Net__c"
    ),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": rest(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value for restricted picklist field: Atlantis", "BillingCountry"
    ),
    "INVALID_QUERY_FILTER_OPERATOR": rest("INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
    "INVALID_SESSION_ID": rest("INVALID_SESSION_ID", "Session expired or invalid", status=401),
    "INVALID_TYPE": rest("INVALID_TYPE", "sObject type 'Order' is not supported."),
    "JSON_PARSER_ERROR": rest("JSON_PARSER_ERROR", "Unexpected character"),
    "LIMIT_EXCEEDED": rest("LIMIT_EXCEEDED", "Composite API request limit exceeded"),
    "MALFORMED_ID": rest("MALFORMED_ID", "Account ID: id value of incorrect type: 42", "AccountId"),
    "MALFORMED_QUERY": rest("MALFORMED_QUERY", "unexpected token: FORM"),
    "METHOD_NOT_ALLOWED": rest("METHOD_NOT_ALLOWED", "HTTP Method 'PUT' not allowed.", status=405),
    "MULTIPLE_CHOICES": (
        300,
        ["/services/data/v66.0/sobjects/Account/001A", "/services/data/v66.0/sobjects/Account/001B"],
    ),
    "NOT_FOUND": rest("NOT_FOUND", "The requested resource does not exist", status=404),
    "NUMBER_OUTSIDE_VALID_RANGE": rest(
        "NUMBER_OUTSIDE_VALID_RANGE", "Unit Price: value out of valid range", "UnitPrice"
    ),
    "PROCESSING_HALTED": rest("PROCESSING_HALTED", "The transaction was rolled back since another operation failed."),
    "QUERY_TIMEOUT": rest("QUERY_TIMEOUT", "Your query request was running for too long."),
    "REQUEST_LIMIT_EXCEEDED": rest("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403),
    "REQUEST_RUNNING_TOO_LONG": rest("REQUEST_RUNNING_TOO_LONG", "Your request was running for too long."),
    "REQUIRED_FIELD_MISSING": rest("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", "LastName"),
    "SERVER_UNAVAILABLE": rest("SERVER_UNAVAILABLE", "Server is temporarily unavailable", status=503),
    "SERVICE_UNAVAILABLE": rest("SERVICE_UNAVAILABLE", "Service unavailable", status=503),
    "STORAGE_LIMIT_EXCEEDED": rest("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded"),
    "STRING_TOO_LONG": rest("STRING_TOO_LONG", "Last Name: data value too large: xxx (max length=80)", "LastName"),
    "TXN_SECURITY_METERING_ERROR": rest("TXN_SECURITY_METERING_ERROR", "Too many transaction security evaluations"),
    "UNABLE_TO_LOCK_ROW": rest("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records"),
    "UNKNOWN_EXCEPTION": rest("UNKNOWN_EXCEPTION", "An unexpected error occurred.", status=500),
    "invalid_grant": oauth("invalid_grant", "expired access/refresh token"),
    "invalid_client": oauth("invalid_client", "invalid client credentials", 401),
    "inactive_user": oauth("inactive_user", "user is inactive"),
    "HTTP_429": (429, PAGE),
    "HTTP_502": (502, PAGE),
    "HTTP_503": (503, PAGE),
    "HTTP_504": (504, PAGE),
    "NO_JSON": (200, PAGE),
}

SUGARCRM: dict[str, Answer] = {
    "incorrect_version": label(
        "incorrect_version", 301, "No version or more than one version of the API was asked for."
    ),
    "need_login": label("need_login", 401, "You must specify a valid username and password."),
    "invalid_grant": label("invalid_grant", 401, "The access token provided is invalid."),
    "not_authorized": label("not_authorized", 403, "You are not authorized to edit Accounts."),
    "inactive_portal_user": label("inactive_portal_user", 403, "The portal user is inactive."),
    "portal_not_configured": label("portal_not_configured", 403, "The portal is not configured."),
    "no_method": label("no_method", 404, "Could not find a route with 2 elements"),
    "not_found": label("not_found", 404, "Could not find record: 1 in module: Accounts"),
    "edit_conflict": label("edit_conflict", 409, "Edit conflict: the record was changed."),
    "metadata_out_of_date": label("metadata_out_of_date", 412, "User metadata is out of date"),
    "request_too_large": label("request_too_large", 413, "The request is too large."),
    "missing_parameter": label("missing_parameter", 422, "Missing parameter: last_name"),
    "invalid_parameter": label("invalid_parameter", 422, "Invalid email address: jane@shop"),
    "request_failure": label("request_failure", 424, "The request failed."),
    "client_outdated": label("client_outdated", 433, "The client is outdated."),
    "fatal_error": label("fatal_error", 500, "Database failure."),
    "bad_gateway": label("bad_gateway", 502, "The connector did not answer."),
    "maintenance": label("maintenance", 503, "SugarCRM is in maintenance mode."),
    "service_unavailable": label("service_unavailable", 503, "The service is unavailable."),
    **{f"HTTP_{status}": (status, PAGE) for status in (401, 403, 404, 413, 429, 500, 502, 503, 504)},
}

SAP: dict[str, Answer] = {
    "PROPERTY_NOT_FOUND": odata("Property 'BCNet_KUT' not found"),
    "VALUE_MISSING": odata("Enter a value for LastName; it is mandatory"),
    "VALUE_TOO_LONG": odata("Value for property 'City' exceeds the maximum length of 40 characters"),
    "VALUE_INVALID": odata("Code 'XX' is not valid for CountryCode"),
    "NUMBER_INVALID": odata("Value '1' of property 'Quantity' exceeds precision 31, scale 14"),
    "PROPERTY_READ_ONLY": odata("Property 'ExternalID' is not updatable"),
    "FILTER_INVALID": odata("Invalid $filter near 'x'"),
    "ALREADY_THERE": odata("IndividualCustomer with UUID 1 already exists"),
    "PARTNER_INVALID": odata("Business partner 42 does not exist; enter a valid BuyerPartyID"),
    "PRODUCT_INVALID": odata("Product P1 is not sold in sales organization 1000"),
    "STATUS_INVALID": odata("The status of the opportunity cannot change from Won to Open"),
    "NEGATIVE_AMOUNT": odata("Negative amounts are not allowed"),
    "BATCH_TOO_LARGE": odata("The batch has more than 100 parts"),
    "NOT_JSON": odata("The request body is not valid JSON"),
    "IN_APPROVAL": odata("CustomerOrder 7 is in approval and cannot be changed"),
    "LOCKED": odata("CustomerOrder 7 is locked by user Mike Summers"),
    "PRECONDITION_FAILED": odata("The resource was changed by another user; the ETag does not match", 412),
    "HTTP_400": odata("The tenant's own check failed"),
    "HTTP_401": odata("Unauthorized", 401),
    "HTTP_403": odata("You are not authorized to perform this operation", 403),
    "HTTP_404": odata("Resource not found", 404),
    "HTTP_405": odata("IndividualCustomer cannot be deleted; set its status to Obsolete", 405),
    "HTTP_415": odata("Unsupported content type; use application/json", 415),
    "HTTP_429": odata("Too many parallel requests", 429),
    "HTTP_500": odata("Internal error", 500),
    "HTTP_502": (502, PAGE),
    "HTTP_503": (503, PAGE),
    "HTTP_504": (504, PAGE),
}

BIGCOMMERCE: dict[str, Answer] = {
    "BC_400": v2(400, "The field 'items' is not writable."),
    "BC_401": v3(401, "Unauthorized: the token does not match the store"),
    "BC_403": v3(403, "The store in the address is not the token's store."),
    "BC_SCOPE": v3(403, "You don't have a required scope to access the endpoint"),
    "BC_404": v2(404, "The requested resource was not found."),
    "BC_405": v3(405, "The method is not allowed on this resource."),
    "BC_406": v3(406, "Only application/json can be sent back."),
    "BC_409": v3(409, "The product name is a duplicate", name="duplicate"),
    "BC_413": v3(413, "The request holds too many objects."),
    "BC_415": v3(415, "The body must be application/json."),
    "BC_422": v3(422, "JSON data is missing or invalid", **{".customer_create": "Email is already in use"}),
    "BC_423": v3(423, "The resource is locked."),
    "BC_429": v3(429, "Too many requests"),
    "BC_500": v3(500, "An internal error occurred."),
    "BC_502": (502, PAGE),
    "BC_503": (503, PAGE),
    "BC_504": (504, PAGE),
    "BC_507": v3(507, "The limit of the store's plan is reached."),
}
