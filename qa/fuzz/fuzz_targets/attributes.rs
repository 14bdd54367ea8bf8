#![no_main]

hostile::target!("attributes");
