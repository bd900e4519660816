-- The history of an account is a chain: the account names its newest event, and each event the one before it. An index over all events would cost
-- every edit a page of its own in the log; the chain costs nothing, because the account's row is written anyway.

CREATE TABLE event_in_chain (
    seq        INTEGER PRIMARY KEY,
    tenant_id  INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    previous   INTEGER,
    name       TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    actor_id   INTEGER NOT NULL,
    credential TEXT,
    peer       TEXT,
    claimed    TEXT,
    dialect    TEXT    NOT NULL,
    request_id TEXT    NOT NULL,
    changes    TEXT    NOT NULL
) STRICT;

INSERT INTO event_in_chain
SELECT seq, tenant_id, account_id, version, lag(seq) OVER (PARTITION BY account_id ORDER BY version), name, at, actor_id, credential, peer, claimed,
       dialect, request_id, changes
FROM event;

DROP TABLE event;
ALTER TABLE event_in_chain RENAME TO event;

-- Numbers of events come from the same place as ids of accounts, and are never used twice either.
INSERT INTO sequence (name, next) SELECT 'event', coalesce(max(seq), 0) + 1 FROM event;

ALTER TABLE account ADD COLUMN newest_event INTEGER;
UPDATE account SET newest_event = newest.seq FROM (SELECT account_id, max(seq) AS seq FROM event GROUP BY account_id) AS newest
WHERE newest.account_id = account.id;
