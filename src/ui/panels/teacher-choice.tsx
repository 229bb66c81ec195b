/** Under a step that imitates: who is imitated, and a way to take another model, chosen or dropped here. */
import { useState } from 'react';
import { pick } from '../actions/pick.ts';
import { fromTransfer } from '../flows/files.ts';
import { chooseTeacher } from '../flows/teacher.ts';
import { areaWords } from '../i18n/area-words.ts';
import { count } from '../i18n/numbers.ts';
import { useSession } from '../state/session.ts';
import '../styles/teacher.css';

const say = areaWords(
  {
    title: 'Teacher',
    itself: 'the model as opened',
    other: '{name}, {n} parameters',
    choose: 'Another…',
    back: 'Take the model itself',
    help: 'Choose another model, or drop its files here: the recipe’s result learns to answer as it does.',
  },
  {
    title: '教师',
    itself: '打开时的模型本身',
    other: '{name}，{n} 个参数',
    choose: '换一个…',
    back: '改回模型本身',
    help: '选择另一个模型，或把它的文件拖到这里：配方的结果会学着像它那样回答。',
  },
);

export function TeacherChoice() {
  const teacher = useSession((state) => state.teacher);
  const [over, setOver] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut for the button
    <div
      className="teacher"
      data-over={over}
      title={say('help')}
      onDragOver={(event) => {
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void fromTransfer(event.dataTransfer).then(chooseTeacher);
      }}
    >
      <span>{say('title')}</span>
      <span className="teacher-name" translate={teacher === null ? undefined : 'no'}>
        {teacher === null ? say('itself') : say('other', { name: teacher.name, n: count(teacher.parameters) })}
      </span>
      <button type="button" className="link" onClick={() => pick('files', chooseTeacher)}>
        {say('choose')}
      </button>
      {teacher !== null && (
        <button type="button" className="link" onClick={() => void chooseTeacher([])}>
          {say('back')}
        </button>
      )}
    </div>
  );
}
