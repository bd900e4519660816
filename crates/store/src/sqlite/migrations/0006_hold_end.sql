-- When the first of an account's holds ends by itself: whoever releases them looks here, and not at each account.

CREATE TABLE hold_end (
    tenant_id  INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    ends_at    INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX hold_end_by_time ON hold_end (ends_at);
