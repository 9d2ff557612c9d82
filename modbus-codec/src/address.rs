//! Who is addressed and what: the unit, the data address, the quantity.

use core::fmt;

/// A number that its type does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("expected {min}..={max}, got {got}")]
pub struct OutOfRange {
    /// The least value allowed.
    pub min: u16,
    /// The greatest value allowed.
    pub max: u16,
    /// The value given.
    pub got: u16,
}

/// The unit identifier: the server's address on a serial line, one byte.
///
/// On a serial line 0 is the broadcast, 1..=247 are servers, and 248..=255 are reserved: they decode and are shown, but
/// [`UnitId::new`] does not make them. Over TCP, 0xFF and 0 both address the server that owns the connection.
///
/// Spec: MODBUS over Serial Line V1.02, 2.2; MODBUS Messaging on TCP/IP V1.0b, 4.4.2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UnitId(u8);

impl UnitId {
    /// 0: every server on the serial line; none answers.
    pub const BROADCAST: Self = Self(0);
    /// 0xFF: the TCP server itself, rather than a serial line behind it.
    pub const TCP_SERVER: Self = Self(0xFF);
    /// The highest address of a server on a serial line.
    pub const MAX: Self = Self(247);

    /// A server's address.
    ///
    /// # Errors
    /// [`OutOfRange`] outside 1..=247.
    pub const fn new(raw: u8) -> Result<Self, OutOfRange> {
        if raw == 0 || raw > Self::MAX.0 {
            return Err(OutOfRange { min: 1, max: Self::MAX.0 as u16, got: raw as u16 });
        }
        Ok(Self(raw))
    }

    /// Wraps the byte as it is on the wire, reserved ones too.
    #[must_use]
    pub const fn from_raw(raw: u8) -> Self {
        Self(raw)
    }

    /// The byte on the wire.
    #[must_use]
    pub const fn as_raw(self) -> u8 {
        self.0
    }

    /// Whether a serial line would take it for the broadcast.
    #[must_use]
    pub const fn is_broadcast(self) -> bool {
        self.0 == 0
    }

    /// Whether it is one of 248..=255.
    #[must_use]
    pub const fn is_reserved(self) -> bool {
        self.0 > Self::MAX.0
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The address of a coil, an input or a register as it is on the wire: from 0, where manuals often count from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Address(u16);

impl Address {
    /// The first address.
    pub const ZERO: Self = Self(0);
    /// The last address, 65,535.
    pub const MAX: Self = Self(u16::MAX);

    /// Wraps the number on the wire.
    #[must_use]
    pub const fn new(raw: u16) -> Self {
        Self(raw)
    }

    /// The number on the wire.
    #[must_use]
    pub const fn as_raw(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How many items a request asks for, 1..=`MAX`; each function has its own `MAX`.
///
/// ```
/// use modbus_codec::Quantity;
/// assert_eq!(Quantity::<125>::new(125)?.as_raw(), 125);
/// assert!(Quantity::<125>::new(126).is_err());
/// # Ok::<(), modbus_codec::OutOfRange>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Quantity<const MAX: u16>(u16);

impl<const MAX: u16> Quantity<MAX> {
    /// One item.
    pub const ONE: Self = Self(1);
    /// The most that one request may ask for.
    pub const MAX: Self = Self(MAX);

    /// A quantity of items.
    ///
    /// # Errors
    /// [`OutOfRange`] outside 1..=`MAX`.
    pub const fn new(raw: u16) -> Result<Self, OutOfRange> {
        if raw == 0 || raw > MAX {
            return Err(OutOfRange { min: 1, max: MAX, got: raw });
        }
        Ok(Self(raw))
    }

    /// Checked by the caller: 1..=`MAX`.
    pub(crate) const fn wrap(raw: u16) -> Self {
        Self(raw)
    }

    /// The number on the wire.
    #[must_use]
    pub const fn as_raw(self) -> u16 {
        self.0
    }
}

impl<const MAX: u16> fmt::Display for Quantity<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_1_to_247_and_every_byte_decodes() {
        for raw in 0..=u8::MAX {
            assert_eq!(UnitId::from_raw(raw).as_raw(), raw);
            assert_eq!(UnitId::new(raw).is_ok(), (1..=247).contains(&raw), "{raw}");
            assert_eq!(UnitId::from_raw(raw).is_reserved(), raw >= 248);
        }
        assert_eq!(UnitId::new(248), Err(OutOfRange { min: 1, max: 247, got: 248 }));
    }

    #[test]
    fn a_quantity_is_1_to_its_functions_maximum() {
        for raw in 0..=u16::MAX {
            assert_eq!(Quantity::<123>::new(raw).is_ok(), (1..=123).contains(&raw), "{raw}");
            assert_eq!(Quantity::<2000>::new(raw).is_ok(), (1..=2000).contains(&raw), "{raw}");
        }
    }
}
