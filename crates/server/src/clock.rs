//! The clock of this machine.

pub(crate) use sealpass_tower::system_time as now;
