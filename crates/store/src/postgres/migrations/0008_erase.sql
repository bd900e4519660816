-- What erasing an account changes beside its record: nothing else of the history may be changed.

GRANT UPDATE (changes, peer, claimed) ON event TO tenantry_app;
GRANT UPDATE (reason) ON quota_entry TO tenantry_app;
GRANT DELETE ON api_key TO tenantry_app;
