/** The groups of operations on the docs page, in this order. */
export const TAGS = [
  { name: "Videos", description: "Generate videos." },
  { name: "Images", description: "Generate images." },
  { name: "Requests", description: "What was submitted: its status, its changes, its end." },
  { name: "Events", description: "All events of an organization, in one order." },
  { name: "Usage", description: "Prices, budgets, receipts and what was spent." },
  { name: "Webhooks", description: "Events that the server sends to you, and what became of them." },
  { name: "Models", description: "The models that a call can name. No key is needed." },
  { name: "Files", description: "Outputs, under signed URLs." },
  { name: "Providers", description: "Accounts at the providers." },
  { name: "Organization", description: "API keys, and who changed what." },
  { name: "Operation", description: "For the operator, with the admin key: organizations." },
  { name: "System", description: "The server itself." },
];
