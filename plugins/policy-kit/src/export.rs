//! The macro that makes a module of a policy.

/// The exports of `ABI.md` for a [`Guest`](crate::Guest) type, on `wasm32`; nothing elsewhere. With
/// `, learns` behind the type also those of its state and its gauges.
#[macro_export]
macro_rules! export {
    ($guest:ty) => {
        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code)]
        mod exports {
            use super::*;

            $crate::export!(@all $guest);
        }
    };
    ($guest:ty, learns) => {
        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code)]
        mod exports {
            use super::*;

            $crate::export!(@all $guest);
            $crate::export!(@learnt $guest);
        }
    };
    (@learnt $guest:ty) => {
        /// Address of the state.
        #[unsafe(no_mangle)]
        pub extern "C" fn tsp_state() -> *mut u8 {
            STATE.address().cast()
        }

        /// Size of the state.
        #[unsafe(no_mangle)]
        pub extern "C" fn tsp_state_size() -> i32 {
            size_of::<<$guest as $crate::Guest>::State>() as i32
        }

        /// The values of the gauges.
        #[unsafe(no_mangle)]
        pub extern "C" fn report() -> i32 {
            $crate::guest::report::<$guest>(&STATE)
        }
    };
    (@all $guest:ty) => {
        /// Where the host writes the record; aligned to 8 as the ABI asks.
        static BUFFER: $crate::guest::Shared<[u8; $crate::guest::CAPACITY]> =
            $crate::guest::Shared::new([0; $crate::guest::CAPACITY]);

        /// The settings in force.
        static POLICY: $crate::guest::Shared<$guest> =
            $crate::guest::Shared::new(<$guest as $crate::Guest>::DEFAULT);

        /// What is learnt.
        static STATE: $crate::guest::Shared<<$guest as $crate::Guest>::State> =
            $crate::guest::Shared::new(<$guest as $crate::Guest>::EMPTY);

        /// The ABI version.
        #[unsafe(no_mangle)]
        pub extern "C" fn tsp_abi() -> i32 {
            $crate::ABI_VERSION
        }

        /// Address of the record buffer.
        #[unsafe(no_mangle)]
        pub extern "C" fn tsp_buffer() -> *mut u8 {
            BUFFER.address().cast()
        }

        /// Size of the record buffer.
        #[unsafe(no_mangle)]
        pub extern "C" fn tsp_capacity() -> i32 {
            $crate::guest::CAPACITY as i32
        }

        /// Decides on the record of `len` bytes at the start of the buffer; see `ABI.md` for the status.
        #[unsafe(no_mangle)]
        pub extern "C" fn tsp_evaluate(len: u32) -> i32 {
            $crate::guest::tsp_evaluate(&BUFFER, &POLICY, &STATE, len)
        }

        /// What the policy wants to see with the settings in force, and what it may answer.
        #[unsafe(no_mangle)]
        pub extern "C" fn describe() -> i32 {
            $crate::guest::describe(&POLICY)
        }

        /// Puts a settings document in force, or fails and changes nothing.
        #[unsafe(no_mangle)]
        pub extern "C" fn configure() -> i32 {
            $crate::guest::configure(&POLICY)
        }

        /// The decision for a host without the fast path.
        #[unsafe(no_mangle)]
        pub extern "C" fn evaluate() -> i32 {
            $crate::guest::evaluate(&POLICY, &STATE)
        }
    };
}
