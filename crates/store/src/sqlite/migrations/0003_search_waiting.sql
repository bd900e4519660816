-- Accounts whose newest search text is not in account_search yet.

CREATE TABLE search_waiting (
    account_id INTEGER PRIMARY KEY
) STRICT;
