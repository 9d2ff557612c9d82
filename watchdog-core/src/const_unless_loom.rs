//! loom's atomics have no `const` constructor: under loom, what contains them has none either.

macro_rules! const_unless_loom {
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident($($arguments:tt)*) -> $result:ty $body:block) => {
        $(#[$attribute])*
        #[cfg(not(all(loom, test)))]
        $visibility const fn $name($($arguments)*) -> $result $body

        $(#[$attribute])*
        #[cfg(all(loom, test))]
        $visibility fn $name($($arguments)*) -> $result $body
    };
}

/// So many new cells.
#[cfg(not(all(loom, test)))]
macro_rules! cells {
    ($cell:ident, $count:expr) => {
        [const { $cell::new() }; $count]
    };
}

#[cfg(all(loom, test))]
macro_rules! cells {
    ($cell:ident, $count:expr) => {
        core::array::from_fn::<_, $count, _>(|_| $cell::new())
    };
}
