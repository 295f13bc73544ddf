/** The group terminal: colours, tables, charts, progress bars, questions. */
export * from './style';
export * from './table';
export * from './charts';
export * from './progress';
export * from './ask';
