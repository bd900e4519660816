-- While an installation is being moved into this database, a row says from where: no server starts on a part of one.

CREATE TABLE transfer (
    source   text   COLLATE "C" NOT NULL,
    began_at bigint NOT NULL
);

GRANT SELECT ON transfer TO tenantry_app;
