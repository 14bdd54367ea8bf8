#![no_main]

hostile::target!("operational");
