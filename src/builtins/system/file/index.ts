/** The group file: files and directories. */
export * from './change';
export * from './content';
export * from './directories';
