//! How much a text may hold: each limit with its reason.

/// The longest text, in octets: 256 KiB. A call that writes every field of a customer has some 4 KiB, and the longest multicall twenty of those.
/// The reader's time and memory grow with this and with nothing else.
pub const MAX_OCTETS: usize = 256 * 1024;

/// Arrays and structs within each other. A call within a multicall needs five; thirty-two leave room and keep recursion shallow.
pub const MAX_DEPTH: usize = 32;

/// Values in one text. A multicall of twenty full customers has about a thousand; sixteen times that are, at 32 octets each (56 in a struct), under
/// 1 MiB of memory. The octets alone would allow twice as many: `<value/>` has eight.
pub const MAX_VALUES: usize = 16_384;

/// Characters of a method's name: the longest of ours has 32.
pub const MAX_METHOD_CHARACTERS: usize = 255;

/// Namespace declarations in one text: clients with the Apache extensions write one. No other attribute is read.
pub const MAX_NAMESPACES: usize = 8;
