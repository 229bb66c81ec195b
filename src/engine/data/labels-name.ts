/** Which files hold the names of a model's outputs, told by their own names: small enough for the page to ask before anything is read. */

const labelsName =
  /(^|\/)(labels?|classes|class[ _-]?names?|class[ _-]?(index|indices)|imagenet_class_index|categories|metadata)\.(txt|json|names)$/i;

/** True for a file that by its name holds the names of outputs. */
export const isLabelsFile = (path: string): boolean => labelsName.test(path);
