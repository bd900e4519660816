//! A server whose settings would lose what it acknowledged is refused, and so is one that is not who it says it is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tenantry_store::{OpenFault, Options, PostgresOptions, Store};
use tenantry_testkit::postgres::Database;
use tenantry_testkit::private::PrivateServer;

use crate::site::Commits;

/// How long a server may take to read its settings again.
const TAKEN_WITHIN: Duration = Duration::from_secs(10);

async fn open(server: &PrivateServer, options: &str, ca: Option<std::path::PathBuf>) -> Result<Store, OpenFault> {
    let directory = tempfile::tempdir().unwrap();
    let postgres = PostgresOptions::parse(&format!("{}{options}", server.url()), ca).unwrap();
    Store::open(directory.path(), &Options { postgres: Some(postgres), ..Options::default() }, Arc::new(Commits::default())).await
}

/// Changes a setting of the whole server, and waits until who comes anew has it.
fn set(database: &Database, setting: &str, value: &str) {
    database.on_server(&format!("ALTER SYSTEM SET {setting} = '{value}'"));
    database.on_server("SELECT pg_reload_conf()");
    let begun = Instant::now();
    while database.on_server(&format!("SHOW {setting}")) != value {
        assert!(begun.elapsed() < TAKEN_WITHIN, "{setting} did not become {value}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_setting_that_loses_data_is_refused_by_its_name() {
    let Some(server) = PrivateServer::start("") else { return };
    let database = server.database();
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        set(&database, setting, "off");
        let fault = open(&server, "", None).await.err().unwrap();
        assert!(matches!(&fault, OpenFault::NotDurable { setting: found, .. } if *found == setting), "{setting}: {fault}");
        assert!(fault.to_string().contains("refusing to start"), "{fault}");
        set(&database, setting, "on");
        open(&server, "", None).await.unwrap().close().await;
    }
    // With standbys, less than their disks is not enough.
    set(&database, "synchronous_standby_names", "*");
    set(&database, "synchronous_commit", "remote_write");
    let fault = open(&server, "", None).await.err().unwrap();
    assert!(matches!(&fault, OpenFault::NotDurable { setting: "synchronous_commit", found } if found == "remote_write"), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_encrypted_and_the_server_is_who_the_certificates_say() {
    let tls = "ssl = on\nssl_cert_file = '{folder}/certificate.pem'\nssl_key_file = '{folder}/key.pem'\n";
    let (Some(server), Some(another)) = (PrivateServer::start(tls), PrivateServer::start("")) else { return };
    let store = open(&server, "", Some(server.certificate())).await.unwrap();
    assert!(!store.is_installed().await.unwrap());
    let encrypted =
        "SELECT bool_and(ssl) AND count(*) > 0 FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'tenantry'";
    assert_eq!(server.database().sql(encrypted), "t");
    store.close().await;

    let fault = open(&server, "", Some(another.certificate())).await.err().unwrap().to_string();
    assert!(fault.contains("certificate"), "{fault}");
    let fault = open(&another, "", Some(server.certificate())).await.err().unwrap().to_string();
    assert!(fault.contains("TLS"), "a server without TLS is not talked to in the clear: {fault}");
}
