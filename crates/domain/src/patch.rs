//! What an edit says of one field: nothing, that it be emptied, or its new value.

/// One field of an edit. Absent keeps, `null` clears, a value sets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// The edit does not name the field.
    #[default]
    Keep,
    /// The edit empties the field.
    Clear,
    /// The edit gives the field a new value.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether the edit names the field.
    pub const fn is_named(&self) -> bool {
        !matches!(self, Self::Keep)
    }

    /// The value that the edit sets, if it sets one.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// Applies the patch to a field that may be empty.
    pub fn apply(self, field: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *field = None,
            Self::Set(value) => *field = Some(value),
        }
    }

    /// Applies the patch to a field whose empty form is its default (a list, a group).
    pub fn apply_or_default(self, field: &mut T)
    where
        T: Default,
    {
        match self {
            Self::Keep => {}
            Self::Clear => *field = T::default(),
            Self::Set(value) => *field = value,
        }
    }
}
