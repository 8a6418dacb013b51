//! Servers as processes of their own, and the same load for each of them in turn.

pub mod account;
pub mod bare;
pub mod load;
pub mod process;
pub mod race;
