/** What can be chosen of a .tflite file besides its kind, under the row of the one that is chosen. */
import type { Loss } from '../../engine/format.ts';
import { type ExportFormat, type Ports, takesNibbles } from '../state/export-formats.ts';
import { exportsStore, useExports } from '../state/exports.ts';
import { exportWords } from './export-words.ts';

const ports: readonly Ports[] = ['float32', 'int8', 'uint8'];
/** What is told of files with codes of up to 4 bits, each in a byte or two in one. */
const smallCodes: ReadonlySet<string> = new Set(['unpacked-codes', 'needs-litert']);

interface TfliteOptionsProps {
  readonly format: ExportFormat;
  readonly losses: readonly Loss[];
}

export function TfliteOptions({ format, losses }: TfliteOptionsProps) {
  return (
    <div className="format-options">
      {format === 'tflite-int8' && <PortsChoice />}
      {takesNibbles(format) && losses.some(({ code }) => smallCodes.has(code)) && <Switch name="int4" />}
      <Switch name="anyBatch" />
    </div>
  );
}

function PortsChoice() {
  const value = useExports((state) => state.ports);
  return (
    <label>
      <span>{exportWords('ports')}</span>
      <select value={value} onChange={(event) => exportsStore.setState({ ports: event.target.value as Ports })}>
        {ports.map((one) => (
          <option key={one} value={one}>
            {exportWords(`ports.${one}`)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Switch({ name }: { readonly name: 'int4' | 'anyBatch' }) {
  const checked = useExports((state) => state[name]);
  return (
    <label title={exportWords(`${name}.help`)}>
      <input type="checkbox" checked={checked} onChange={(event) => exportsStore.setState({ [name]: event.target.checked })} />
      <span>{exportWords(name)}</span>
    </label>
  );
}
