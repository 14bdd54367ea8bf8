#![no_main]

hostile::target!("sr_policy");
