//! Serialisation of values as the numbers they are on the wire; what a type does not allow is refused on the way in.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Address, Coils, ExceptionCode, FunctionCode, Quantity, Registers, UnitId};

macro_rules! as_number {
    ($value:ty, $raw:ty, $wrap:path) => {
        impl Serialize for $value {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.as_raw().serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $value {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$raw>::deserialize(deserializer).map($wrap)
            }
        }
    };
}

as_number!(UnitId, u8, UnitId::from_raw);
as_number!(FunctionCode, u8, FunctionCode::new);
as_number!(ExceptionCode, u8, ExceptionCode::new);
as_number!(Address, u16, Address::new);

impl<const MAX: u16> Serialize for Quantity<MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_raw().serialize(serializer)
    }
}

impl<'de, const MAX: u16> Deserialize<'de> for Quantity<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = u16::deserialize(deserializer)?;
        Self::new(raw).map_err(D::Error::custom)
    }
}

impl Serialize for Registers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl Serialize for Coils<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_out_of_range_is_refused() {
        assert_eq!(serde_json::from_str::<Quantity<125>>("125").unwrap().as_raw(), 125);
        assert!(serde_json::from_str::<Quantity<125>>("126").is_err());
        let registers = Registers::from_be_bytes(&[1, 2, 0, 3]).unwrap();
        assert_eq!(serde_json::to_string(&registers).unwrap(), "[258,3]");
    }
}
