"""What this server says of itself to apps, before any of them asks.

References
----------
SMART App Launch 2.2.0, Conformance: the well-known document and its capabilities.
OpenID Connect Discovery 1.0 (2023), section 3.
"""

from __future__ import annotations

from typing import Any  # JSON

from vitruvian.api.routes.smart.proofs.proving import ALGORITHMS
from vitruvian.api.routes.smart.proofs.signing import ALGORITHM
from vitruvian.trust.smart.scopes import PLAIN

Json = dict[str, Any]
CAPABILITIES = (
    *("launch-ehr", "launch-standalone", "authorize-post"),
    *("client-public", "client-confidential-symmetric"),
    *("client-confidential-asymmetric", "sso-openid-connect", "context-banner"),
    *("context-ehr-patient", "context-standalone-patient"),
    *("context-ehr-encounter", "context-standalone-encounter"),
    *("permission-offline", "permission-online", "permission-patient", "permission-user"),
    *("permission-v1", "permission-v2"),
)
SCOPES = (*PLAIN, "patient/*.cruds", "user/*.cruds", "system/*.cruds")
WAYS = ("private_key_jwt", "client_secret_basic")


def smart_configuration(base: str) -> Json:
    """The document at ``.well-known/smart-configuration``."""
    return {
        **_shared(base),
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "scopes_supported": list(SCOPES),
        "introspection_endpoint": f"{base}/oauth/introspect",
        "revocation_endpoint": f"{base}/oauth/revoke",
        "code_challenge_methods_supported": ["S256"],
        "capabilities": list(CAPABILITIES),
    }


def openid_configuration(base: str) -> Json:
    """The document at ``.well-known/openid-configuration``."""
    return {
        **_shared(base),
        "scopes_supported": ["openid", "profile", "fhirUser"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
    }


def _shared(base: str) -> Json:
    return {
        "issuer": base,
        "jwks_uri": f"{base}/oauth/jwks",
        "authorization_endpoint": f"{base}/oauth/authorize",
        "token_endpoint": f"{base}/oauth/token",
        "token_endpoint_auth_methods_supported": [*WAYS, "none"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "response_types_supported": ["code"],
        "authorization_response_iss_parameter_supported": True,
    }


def security(base: str) -> Json:
    """The security part of the CapabilityStatement."""
    uris = [
        {"url": "authorize", "valueUri": f"{base}/oauth/authorize"},
        {"url": "token", "valueUri": f"{base}/oauth/token"},
        {"url": "introspect", "valueUri": f"{base}/oauth/introspect"},
        {"url": "revoke", "valueUri": f"{base}/oauth/revoke"},
    ]
    at = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
    service = "http://terminology.hl7.org/CodeSystem/restful-security-service"
    return {
        "extension": [{"url": at, "extension": uris}],
        "service": [{"coding": [{"system": service, "code": "SMART-on-FHIR"}]}],
        "description": "SMART App Launch 2.2; a local account, by HTTP Basic, or by Bearer with "
        "the token of a session. Every access is decided by policy and leaves an audit row.",
    }
