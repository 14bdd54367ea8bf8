#![no_main]

hostile::target!("label");
