/** The group net: addresses, networks, names of ports, and bytes in fixed layouts. */
export * from './ip';
export * from './names';
export * from './pack';
