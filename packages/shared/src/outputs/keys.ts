/**
 * Names of the files in the output store. Inputs and outputs of a request have a folder each: an input goes with its
 * request, an output with the last request that shows it.
 */

export const inputFolder = (id: string) => `in/${id}`;
export const outputFolder = (id: string) => `out/${id}`;

/** As the trash names them: within an organization. */
export const folderOf = (organization: string, folder: string) => `${organization}/${folder}`;

export const inputKey = (organization: string, id: string, extension: string) =>
  folderOf(organization, `${inputFolder(id)}/input.${extension}`);

export const outputKey = (organization: string, id: string, index: number, extension: string) =>
  folderOf(organization, `${outputFolder(id)}/${index}.${extension}`);
