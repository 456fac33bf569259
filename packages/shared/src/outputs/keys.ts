/** Names of the files in the output store. One folder per request, so that erasing it is one call. */

export const requestFolder = (organization: string, id: string) => `${organization}/${id}`;

export const inputKey = (organization: string, id: string, extension: string) =>
  `${requestFolder(organization, id)}/input.${extension}`;

export const outputKey = (organization: string, id: string, index: number, extension: string) =>
  `${requestFolder(organization, id)}/${index}.${extension}`;
