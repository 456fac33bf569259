/**
 * The cold form of a request that ended long ago: its record and its time line, compressed together. It takes a quarter
 * of the memory, and reads stay the same. The sweeper makes it; a later change of the request is stored beside it.
 */
import { deflateRawSync, inflateRawSync } from "node:zlib";

/** What Redis holds of a request in its warm form. */
export interface WarmForm {
  /** The record as JSON. */
  doc: string;
  /** The changes as JSON, oldest first. */
  changes: string[];
}

/**
 * A typical request: what it has in common with others takes a few bytes. Stored requests cannot be read without the
 * dictionary that they were made with, so it must never change. A better one is a new version.
 */
const DICTIONARIES: readonly Buffer[] = [
  Buffer.from(
    [
      '{"v":1,"id":"019","organization":"default","mediaType":"image","model":"","endpoint":"text_to_image",',
      '"provider":"","mode":"byok","account":"organization","simulated":false,"priority":"low","input":{"prompt":"A ',
      'video of a ","durationSeconds":null,"size":{"width":1024,"height":1024},"count":1,"params":{"seed":"negative_prompt":',
      '"enhance_prompt":true,"auto_fix":true,"resolution":"1080p","aspect_ratio":"16:9","generate_audio":true},"image":{"kind":',
      '"stored","key":"default/in/019","contentType":"image/png","bytes":"kind":"url","url":"https://"}},"status":"failed",',
      '"createdAt":179,"day":"2026-12-","apiKeyId":"default","tag":"","startedAt":179,"completedAt":null,"deadlineAt":179,',
      '"attempts":2,"intent":{"at":179,"attempt":1,"leaseId":"","estimatedCostMicro":null},"search":{"since":179,"until":179,',
      '"submitEnded":true},"providerRequestId":"","awaitsReport":true,"cancelRequestedAt":null,"missingSince":null,"progress":1,',
      '"queuePosition":0,"rendered":null,"outputs":[],"failure":{"code":"PROVIDER_ERROR","message":"The provider refused the ',
      'prompt because of its content policy.","retryable":false,"charged":null},"chargeState":"released","estimatedCostMicro":',
      '0000,"heldMicro":0,"costMicro":0,"costSource":"provider","copyOutput":true,"call":{"hash":"","isDeliberate":true},"cache":',
      '{"hash":null,"reason":"off","leaderId":null,"sharedFrom":null,"avoidedCostMicro":0},"webhookUrl":"https://","callbackId":',
      'null,"metadata":{}}{"name":"joined","promoted","submit_rejected","locating","queued","copy_failed","cancel_requested",',
      '"settled","status":"pending","chargeState":"unknown","attempts":0}\n{"v":1,"id":"01a2","organization":"default","mediaType":',
      '"video","model":"","endpoint":"","provider":"","mode":"managed","account":"server","simulated":',
      'true,"priority":"normal","input":{"prompt":"a ","durationSeconds":8,"size":null,"count":1,"params":{"aspect_ratio":"16:9",',
      '"generate_audio":true,"resolution":"720p"},"image":null},"status":"completed","createdAt":17961,"day":"2026-11-","apiKeyId":',
      '"default","tag":"","startedAt":17961,"completedAt":17961,"deadlineAt":17961,"attempts":1,"intent":{"at":17961,"attempt":1,',
      '"leaseId":"","estimatedCostMicro":3200000},"search":null,"providerRequestId":"","awaitsReport":false,"cancelRequestedAt":null,',
      '"missingSince":null,"progress":null,"queuePosition":null,"rendered":null,"outputs":[{"kind":"stored","key":"default/01a2/0.mp4",',
      '"contentType":"video/mp4","bytes":,"sha256":""}],"failure":null,"chargeState":"charged","estimatedCostMicro":3200000,',
      '"heldMicro":0,"costMicro":3200000,"costSource":"catalogue","copyOutput":true,"call":{"hash":"","isDeliberate":false},"cache":',
      '{"hash":"","reason":"miss","leaderId":null,"sharedFrom":null,"avoidedCostMicro":0},"webhookUrl":null,"callbackId":null,',
      '"metadata":{}}\n{"name":"submitted","at":17961,"by":"worker-1:","status":"processing","progress":null,"queuePosition":null,',
      '"chargeState":"held","attempts":1}\n{"name":"progress","at":17961,"by":"worker-1:","status":"processing","progress":0.5,',
      '"queuePosition":null,"chargeState":"held","attempts":1}\n{"name":"rendered","at":17961,"by":"worker-1:","status":"processing",',
      '"progress":null,"queuePosition":null,"chargeState":"charged","attempts":1}\n{"name":"completed","at":17961,"by":"worker-1:",',
      '"status":"completed","progress":null,"queuePosition":null,"chargeState":"charged","attempts":1}',
    ].join(""),
  ),
];

const NEWEST = DICTIONARIES.length - 1;
const LEVEL = 9;

/** The first byte names the dictionary. */
export function toColdForm({ doc, changes }: WarmForm): Buffer {
  const dictionary = DICTIONARIES[NEWEST];
  // JSON contains no line breaks.
  const packed = deflateRawSync([doc, ...changes].join("\n"), { dictionary, level: LEVEL });
  return Buffer.concat([Buffer.from([NEWEST]), packed]);
}

export function fromColdForm(cold: Buffer): WarmForm {
  const version = cold[0] ?? -1;
  const dictionary = DICTIONARIES[version];
  if (dictionary === undefined)
    throw new Error(`A request has the cold form ${version}, which only a newer version knows.`);
  const [doc = "", ...changes] = inflateRawSync(cold.subarray(1), { dictionary }).toString().split("\n");
  return { doc, changes };
}
