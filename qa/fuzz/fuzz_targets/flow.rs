#![no_main]

hostile::target!("flow");
