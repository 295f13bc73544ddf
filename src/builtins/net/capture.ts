/** The group `capture`: packets as they pass, capture files, what traffic consists of and what is wrong with it. */
export { analyzePcap, analyzeTraffic, detectIntrusions } from './capture/analyze';
export { capturePackets, captureSave, captureStart, captureStop } from './capture/live';
