//! Closed sets of values with short names, each written once.

/// Defines an enum whose values have short names, as texts and JSON have them, and after `on the wire as` also numbers: those of
/// the generated enum, which has the same variants. The list of all values follows from the definition, so it misses none.
#[macro_export]
macro_rules! named_values {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident on the wire as $wire:ty {
            $($(#[$doc:meta])* $variant:ident = $text:literal,)*
        }
    ) => {
        $crate::named_values! {
            $(#[$meta])*
            $vis enum $name { $($(#[$doc])* $variant = $text,)* }
        }

        impl $name {
            /// The value of a short name.
            $vis fn parse(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|value| value.name() == name)
            }

            /// The number on the wire.
            $vis fn to_wire(self) -> i32 {
                match self {
                    $(Self::$variant => <$wire>::$variant as i32,)*
                }
            }

            /// The value of a number on the wire; `None` for 0 and for numbers that no value has.
            $vis fn from_wire(number: i32) -> Option<Self> {
                Self::ALL.into_iter().find(|value| value.to_wire() == number)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $($(#[$doc:meta])* $variant:ident = $text:literal,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// Every value, in the order of the definition.
            $vis const ALL: [Self; [$($text),*].len()] = [$(Self::$variant),*];

            /// The short name.
            $vis fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}
