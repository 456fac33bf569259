const POLICY_WORDS = "content policy test";

/** The words in a prompt that every simulated provider takes for a violation of its content policy. */
export const violatesPolicy = (prompt: string): boolean => prompt.toLowerCase().includes(POLICY_WORDS);
