#![no_main]

hostile::target!("configuration");
