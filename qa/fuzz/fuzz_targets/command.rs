#![no_main]

hostile::target!("command");
