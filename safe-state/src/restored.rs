//! What a reset has left behind: to be looked at, or validated anew, and nothing else.

/// A value from before a reset. It may be half changed, or of another program.
///
/// It is no value until it was validated:
///
/// ```compile_fail,E0308
/// use safe_state::Restored;
/// fn set_limit(milliamperes: u32) {}
/// fn boot(limit: Restored<u32>) {
///     set_limit(limit);
/// }
/// ```
///
/// ```
/// use safe_state::Restored;
/// fn set_limit(milliamperes: u32) {}
/// fn boot(limit: Restored<u32>) -> Result<(), u32> {
///     set_limit(limit.revalidate(|limit| if limit <= 20_000 { Ok(limit) } else { Err(limit) })?);
///     Ok(())
/// }
/// # assert_eq!(boot(Restored::from_words([30_000], |[limit]| limit)), Err(30_000));
/// ```
#[derive(Debug)]
#[must_use = "what was restored is used after it was validated"]
pub struct Restored<T> {
    value: T,
}

impl<T> Restored<T> {
    /// The value that these words are, as they were found.
    pub fn from_words<const N: usize>(words: [u32; N], decode: impl FnOnce([u32; N]) -> T) -> Self {
        Self { value: decode(words) }
    }

    /// The value as it was found, to be shown or recorded.
    #[must_use]
    pub const fn inspect(&self) -> &T {
        &self.value
    }

    /// The value, if the check takes it.
    ///
    /// # Errors
    ///
    /// What the check says.
    pub fn revalidate<U, E>(self, check: impl FnOnce(T) -> Result<U, E>) -> Result<U, E> {
        check(self.value)
    }
}
