#![no_main]

hostile::target!("mup");
