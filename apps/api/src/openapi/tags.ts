/** The groups of operations on the docs page, in this order. `guide`: a document of the repository that is served too. */
const GROUPS = [
  { name: "Videos", description: "Generate videos.", guide: "inputs" },
  { name: "Images", description: "Generate images.", guide: "inputs" },
  { name: "Requests", description: "What was submitted: its status, its changes, its end.", guide: "errors" },
  { name: "Events", description: "All events of an organization, in one order.", guide: "webhooks" },
  { name: "Usage", description: "Prices, budgets, receipts and what was spent.", guide: "money" },
  { name: "Webhooks", description: "Events that the server sends to you, and what became of them.", guide: "webhooks" },
  { name: "Models", description: "The models that a call can name. No key is needed.", guide: "models" },
  { name: "Files", description: "Outputs, under signed URLs.", guide: "inputs" },
  { name: "Providers", description: "Accounts at the providers.", guide: "providers" },
  { name: "Organization", description: "API keys, and who changed what.", guide: "operations" },
  { name: "Operation", description: "For the operator, with the admin key: organizations.", guide: "operations" },
  { name: "System", description: "The server itself.", guide: "operations" },
];

/** `publicBase`: the URL of this server, which serves the guides (routes/root.ts). */
export const tagsAt = (publicBase: string) =>
  GROUPS.map(({ guide, ...tag }) => ({
    ...tag,
    externalDocs: { description: `Guide: ${guide}`, url: `${publicBase}/docs/${guide}.md` },
  }));
