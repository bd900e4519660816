-- Tags and custom fields by their values, folded: `tag`, or `custom_fields.` and a name. Lists are narrowed by them, and some may be one account's alone.

CREATE TABLE account_value (
    tenant_id  INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    value      TEXT    NOT NULL,
    account_id INTEGER NOT NULL,
    is_unique  INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, name, value, account_id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX account_value_unique ON account_value (tenant_id, name, value) WHERE is_unique = 1;
