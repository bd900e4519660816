//! What is wrong with a text that should be XML-RPC, and where.

use std::fmt;

/// What kind of fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecodeFaultKind {
    /// Not well-formed XML 1.0, or in an encoding that is not read: −32700.
    NotWellFormed,
    /// XML, but no XML-RPC, or beyond a limit: −32600.
    NotXmlRpc,
}

/// Why a text was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeFault {
    /// What kind of fault it is.
    pub kind: DecodeFaultKind,
    /// What is wrong, in words. Static, so that nothing of the text can be in it: requests hold passwords.
    pub message: &'static str,
    /// Where the element, text or mark at fault begins, in octets from the start of what was sent.
    pub offset: usize,
}

impl DecodeFault {
    pub(crate) fn not_well_formed(message: &'static str, offset: usize) -> Self {
        Self { kind: DecodeFaultKind::NotWellFormed, message, offset }
    }

    pub(crate) fn not_xml_rpc(message: &'static str, offset: usize) -> Self {
        Self { kind: DecodeFaultKind::NotXmlRpc, message, offset }
    }

    /// The `faultCode` of an answer ("Specification for Fault Code Interoperability", 2001).
    pub fn code(&self) -> i32 {
        match self.kind {
            DecodeFaultKind::NotWellFormed => -32_700,
            DecodeFaultKind::NotXmlRpc => -32_600,
        }
    }
}

impl fmt::Display for DecodeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at octet {}", self.message, self.offset)
    }
}

impl std::error::Error for DecodeFault {}
