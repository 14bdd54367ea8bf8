#![no_main]

hostile::target!("update");
