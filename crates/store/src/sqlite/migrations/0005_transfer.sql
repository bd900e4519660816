-- While an installation is being moved into this file, a row says from where: no server starts on a part of one.

CREATE TABLE transfer (
    source   TEXT    NOT NULL,
    began_at INTEGER NOT NULL
) STRICT;
