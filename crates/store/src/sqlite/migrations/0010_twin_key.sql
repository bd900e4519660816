-- What likely twins have in common: digests of phones, mailboxes, and names with postal codes or dates of birth.
CREATE TABLE twin_key (
    tenant_id  INTEGER NOT NULL,
    key        TEXT    NOT NULL,
    account_id INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, key, account_id)
) STRICT, WITHOUT ROWID;

INSERT INTO twin_key (tenant_id, key, account_id)
SELECT a.tenant_id, k.value, a.id FROM account a, json_each(account_twin_keys(a.id, a.status, a.email, a.profile)) k WHERE a.kind = 'customer';
